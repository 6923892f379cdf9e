import { join } from 'node:path'
import { invalidChat, isModelError } from '../errors.ts'
import { Template } from '../jinja/template.ts'
import type { ChatMessage } from './chat-message.ts'
import { type ChatTemplates, chosenTemplate, readChatTemplates } from './chat-templates.ts'
import { plainChat } from './plain-chat.ts'
import { assistantSpans } from './spans/assistant-spans.ts'
import type { AssistantSpan } from './spans/turn-places.ts'
import { specialTokens } from './special-tokens.ts'
import { readJson } from './tokenizer.ts'

export interface RenderOptions {
  /** Ends where the assistant begins. Default true. */
  addGenerationPrompt?: boolean
  /** Functions that the assistant may call, as JSON schemas. */
  tools?: readonly unknown[] | null
  documents?: readonly unknown[] | null
  /** Further variables of the template, such as `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>>
}

/** A chat as text, and which of it the assistant wrote. */
export interface RenderedChat {
  text: string
  /** In order and apart from each other. */
  assistantSpans: AssistantSpan[]
}

/** Messages → the text that the model was taught to continue. */
export interface Chat {
  /** The template's source; null where the model has none and the plain form serves. */
  readonly template: string | null
  /** Encode the result without special tokens: the template writes them itself. */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string
  /** A whole chat, without a prompt for more, and the assistant's parts of it, or the last of these only. @throws ModelError `assistant_turn_not_found` where they cannot be told */
  renderWithSpans(messages: readonly ChatMessage[], options?: Omit<RenderOptions, 'addGenerationPrompt'> & { lastOnly?: boolean }): RenderedChat
}

/** The chat templates and special tokens of a model folder. */
export async function readChat(folder: string): Promise<Chat> {
  const [config, map, added] = await Promise.all(
    ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'].map((file) => readJson(join(folder, file))),
  )
  return createChat(await readChatTemplates(folder, config ?? {}), specialTokens(config ?? {}, map, added).named)
}

/** @param source one template, several by name, or null for the plain form */
export function createChat(source: string | ChatTemplates | null, variables: Record<string, unknown> = {}): Chat {
  const templates = typeof source === 'string' ? new Map([['default', source]]) : (source ?? new Map<string, string>())
  const parsed = new Map([...templates.values()].map((template) => [template, parse(template)]))
  const rendered = (messages: readonly ChatMessage[], options: RenderOptions): { text: string; generations: AssistantSpan[] | null; marked: boolean } => {
    const { addGenerationPrompt = true, tools = null, documents = null } = options
    const chosen = chosenTemplate(templates, tools !== null)
    if (chosen === null) return { text: plainChat(messages, addGenerationPrompt), generations: null, marked: false }
    const template = parsed.get(chosen)!
    const given = { ...variables, ...options.variables, messages: messages.map(normalized), tools, documents, add_generation_prompt: addGenerationPrompt }
    const { text, generations } = refusedByName(() => template.render(given))
    return { text, generations: generations?.map((span) => ({ ...span, message: null, asked: false })) ?? null, marked: template.marksGenerations }
  }
  return {
    template: templates.get('default') ?? [...templates.values()][0] ?? null,
    render: (messages, options = {}) => rendered(messages, options).text,
    renderWithSpans: (messages, { lastOnly = false, ...options } = {}) => {
      const whole = rendered(messages, { ...options, addGenerationPrompt: false })
      return {
        text: whole.text,
        assistantSpans: assistantSpans(messages, whole, (some, addGenerationPrompt) => rendered(some, { ...options, addGenerationPrompt }).text, lastOnly),
      }
    },
  }
}

const parse = (source: string): Template => {
  try {
    return new Template(source)
  } catch (cause) {
    throw invalidChat(`the template itself does not parse (${(cause as Error).message})`, cause)
  }
}

const refusedByName = <T>(render: () => T): T => {
  try {
    return render()
  } catch (cause) {
    if (isModelError(cause) || cause instanceof RangeError) throw invalidChat((cause as Error).message, cause)
    throw cause
  }
}

const REASONING = ['reasoning_content', 'thinking', 'reasoning']

/** A message as Transformers hands it to templates: without keys that hold nothing, and its reasoning under each name that templates read. */
const normalized = (message: ChatMessage): Record<string, unknown> => {
  const told = Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null && value !== undefined))
  const reasoning = REASONING.map((name) => told[name]).find((value) => value !== undefined)
  return reasoning === undefined ? told : { thinking: reasoning, ...told, reasoning_content: reasoning }
}
