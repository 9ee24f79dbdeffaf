package appliance

// StoredResponse is the answer to a request that may be sent again.
type StoredResponse struct {
	Status int
	Body   []byte
}
