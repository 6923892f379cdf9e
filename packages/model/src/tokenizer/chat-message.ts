/** A turn. Whatever else it holds (`name`, `tool_calls`, `tool_call_id`, `reasoning_content` …) the template sees too. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | (string & {})
  /** A text, or parts of one. */
  content?: string | readonly Readonly<Record<string, unknown>>[] | null
  [key: string]: unknown
}
