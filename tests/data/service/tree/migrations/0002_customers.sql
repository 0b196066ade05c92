CREATE TABLE customers (
    id text PRIMARY KEY,
    email text,
    name text
);
