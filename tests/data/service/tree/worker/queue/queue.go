package queue

import (
	"encoding/json"
	"fmt"
)

// Message is one entry of the queue.
type Message struct {
	ID   string
	Body []byte
}

// Order is what the API placed.
type Order struct {
	ID           string `json:"order_id"`
	Total        int64  `json:"total"`
	Installments int    `json:"installments"`
	Customer     string `json:"customer"`
}

// Open connects to the queue.
func Open(url string) (<-chan Message, error) {
	if url == "" {
		return nil, fmt.Errorf("no queue address")
	}
	return make(chan Message, 64), nil
}

// Decode reads an order.
func Decode(message Message) (*Order, error) {
	order := &Order{}
	if err := json.Unmarshal(message.Body, order); err != nil {
		return nil, fmt.Errorf("cannot decode message %s: %w", message.ID, err)
	}
	if order.ID == "" {
		return nil, fmt.Errorf("message %s names no order", message.ID)
	}
	return order, nil
}
