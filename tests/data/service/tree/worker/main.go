package main

import (
	"log"
	"os"

	"acme.dev/worker/charge"
	"acme.dev/worker/queue"
)

func main() {
	client := charge.New(os.Getenv("PAYMENT_API_KEY"))
	messages, err := queue.Open(os.Getenv("QUEUE_URL"))
	if err != nil {
		log.Fatalf("cannot open the queue: %v", err)
	}
	for message := range messages {
		if err := handle(client, message); err != nil {
			log.Printf("ERROR message %s failed: %v", message.ID, err)
		}
	}
}

func handle(client *charge.Client, message queue.Message) error {
	order, err := queue.Decode(message)
	if err != nil {
		return err
	}
	return client.Charge(order)
}
