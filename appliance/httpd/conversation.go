package httpd

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bwenge-os/bwenge/appliance"
	"github.com/bwenge-os/bwenge/internal/transport"
)

// Conversations is the memory of what was asked and answered.
type Conversations interface {
	Conversations(ctx context.Context, org appliance.OrgID, user appliance.UserID, search, cursor string, limit int) (appliance.Page[appliance.Conversation], error)
	Conversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string) (appliance.Conversation, []appliance.Message, error)
	DeleteConversation(ctx context.Context, org appliance.OrgID, user appliance.UserID, id string, entries ...appliance.AuditEntry) error
}

type conversationRoutes struct{ conversations Conversations }

type conversationsInput struct {
	Search string `query:"search" maxLength:"200" doc:"Words in the title or the messages"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type conversationsOutput struct {
	Body appliance.Page[appliance.Conversation]
}

type conversationInput struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"The conversation's id"`
}

// ConversationDetail is a conversation with its messages, oldest first.
type ConversationDetail struct {
	Conversation appliance.Conversation `json:"conversation"`
	Messages     []appliance.Message    `json:"messages"`
}

type conversationOutput struct{ Body ConversationDetail }

func (s *conversationRoutes) register(api *transport.Server) {
	transport.Register(api, huma.Operation{
		OperationID: "listConversations", Method: http.MethodGet, Path: "/api/v1/conversations",
		Summary: "List conversations, the latest first", Tags: []string{"conversations"},
	}, s.listConversations)
	transport.Register(api, huma.Operation{
		OperationID: "getConversation", Method: http.MethodGet, Path: "/api/v1/conversations/{id}",
		Summary: "A conversation with its messages", Tags: []string{"conversations"},
	}, s.getConversation)
	transport.Register(api, huma.Operation{
		OperationID: "deleteConversation", Method: http.MethodDelete, Path: "/api/v1/conversations/{id}",
		Summary: "Remove a conversation with its messages", Tags: []string{"conversations"},
	}, s.deleteConversation)
}

func (s *conversationRoutes) listConversations(ctx context.Context, in *conversationsInput) (*conversationsOutput, error) {
	p := principalOf(ctx)
	page, err := s.conversations.Conversations(ctx, p.Org, p.User, in.Search, in.Cursor, in.Limit)
	return &conversationsOutput{noNull(page)}, err
}

func (s *conversationRoutes) getConversation(ctx context.Context, in *conversationInput) (*conversationOutput, error) {
	p := principalOf(ctx)
	conversation, messages, err := s.conversations.Conversation(ctx, p.Org, p.User, in.ID)
	if err != nil {
		return nil, err
	}
	out := ConversationDetail{Conversation: conversation, Messages: make([]appliance.Message, 0, len(messages))}
	for _, m := range messages {
		m.Answer = wholeAnswer(m.Answer)
		out.Messages = append(out.Messages, m)
	}
	return &conversationOutput{out}, nil
}

func (s *conversationRoutes) deleteConversation(ctx context.Context, in *conversationInput) (*struct{}, error) {
	p := principalOf(ctx)
	return nil, s.conversations.DeleteConversation(ctx, p.Org, p.User, in.ID, p.Did("conversation.deleted", ""))
}
