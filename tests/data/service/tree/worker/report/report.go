package report

// Must returns the lines of a report that is known to exist.
func Must(lines []string, err error) []string {
	if err != nil {
		panic(err)
	}
	return lines
}

// Title names a report.
func Title(kind string) string {
	return "Report: " + kind
}
