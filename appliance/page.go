package appliance

// Page is a slice of a longer list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page, empty at the end"`
	Total int    `json:"total" doc:"How many there are in all with this filter"`
}
