import { get, remove } from "./client";
import type { Conversation, ConversationDetail, Page } from "./types";

const root = "/api/v1/conversations";

export interface ConversationQuery {
  readonly search?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

export function listConversations(query: ConversationQuery, signal?: AbortSignal): Promise<Page<Conversation>> {
  return get(root, { ...query }, signal);
}

export function getConversation(id: string, signal?: AbortSignal): Promise<ConversationDetail> {
  return get(`${root}/${encodeURIComponent(id)}`, {}, signal);
}

export function deleteConversation(id: string): Promise<void> {
  return remove(`${root}/${encodeURIComponent(id)}`);
}
