package report

import "fmt"

// Lines says what a kind of report holds.
func Lines(kind string) ([]string, error) {
	switch kind {
	case "daily":
		return []string{"orders", "refunds"}, nil
	case "weekly":
		return []string{"orders", "refunds", "stock"}, nil
	}
	return nil, fmt.Errorf("a report of kind %s is not known here", kind)
}

// Columns says how wide the columns of a report are.
func Columns(kind string) []int {
	if kind == "weekly" {
		return []int{12, 8, 8}
	}
	return []int{12, 8}
}
