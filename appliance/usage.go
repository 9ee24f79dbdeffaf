package appliance

// Usage is what a model has cost an organization on one day, or in a time.
type Usage struct {
	Day              string  `json:"day,omitempty" doc:"2026-11-24, by the machine's clock"`
	Provider         string  `json:"provider" doc:"box, or the name of a provider"`
	Model            string  `json:"model"`
	Requests         int     `json:"requests"`
	PromptTokens     int     `json:"prompt_tokens"`
	CompletionTokens int     `json:"completion_tokens"`
	Seconds          float64 `json:"seconds" doc:"Time that the model worked"`
	Cost             float64 `json:"cost" doc:"In the currency that the prices were entered in"`
}
