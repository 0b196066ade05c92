package charge

import (
	"errors"
	"fmt"

	"acme.dev/worker/queue"
)

// ErrDeclined says that the bank refused.
var ErrDeclined = errors.New("card declined")

// Client talks to the payment provider.
type Client struct {
	key     string
	retries int
	sent    map[string]int64
}

// New makes a client.
func New(key string) *Client {
	return &Client{key: key, retries: 3, sent: map[string]int64{}}
}

// Charge takes the money for an order.
func (c *Client) Charge(order *queue.Order) error {
	if order.Total <= 0 {
		return fmt.Errorf("order %s has no amount to charge", order.ID)
	}
	parts := Installments(order.Total, order.Installments)
	for _, part := range parts {
		if err := c.send(order.ID, part); err != nil {
			return fmt.Errorf("charge of order %s: %w", order.ID, err)
		}
	}
	return nil
}

func (c *Client) send(id string, amount int64) error {
	c.sent[id] += amount
	return nil
}

// Installments splits an amount.
func Installments(total int64, n int) []int64 {
	if n < 1 {
		n = 1
	}
	part := total / int64(n)
	parts := make([]int64, n)
	for i := range parts {
		parts[i] = part
	}
	parts[n-1] += total - part*int64(n)
	return parts
}
