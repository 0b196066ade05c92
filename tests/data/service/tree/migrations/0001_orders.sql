CREATE TABLE orders (
    id text PRIMARY KEY,
    customer_id text NOT NULL,
    state text NOT NULL,
    total bigint NOT NULL
);
