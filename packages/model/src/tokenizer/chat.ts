import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Template } from '@huggingface/jinja'
import { invalidChat } from '../errors.ts'
import { readJson } from './tokenizer.ts'

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | (string & {})
  content: string
}

/** Messages → the text that the model was taught to continue. */
export interface Chat {
  /** The template's source; null where the model has none and the plain form serves. */
  readonly template: string | null
  /** Encode the result without special tokens: the template writes them itself. */
  render(messages: readonly ChatMessage[], options?: { addGenerationPrompt?: boolean }): string
}

/** The chat template of a model folder: chat_template.jinja, else tokenizer_config.json's `chat_template` (the one named "default" of several). */
export async function readChat(folder: string): Promise<Chat> {
  const config = (await readJson(join(folder, 'tokenizer_config.json'))) ?? {}
  const file = await readFile(join(folder, 'chat_template.jinja'), 'utf8').catch(() => null)
  const field: unknown = config.chat_template
  const several = Array.isArray(field) ? (field.find(({ name }) => name === 'default') ?? field[0])?.template : field
  const text = (token: any): string | undefined => (typeof token === 'string' ? token : token?.content)
  return createChat(file ?? (typeof several === 'string' ? several : null), {
    bos_token: text(config.bos_token) ?? '',
    eos_token: text(config.eos_token) ?? '',
    ...(text(config.pad_token) && { pad_token: text(config.pad_token) }),
    ...(text(config.unk_token) && { unk_token: text(config.unk_token) }),
  })
}

export function createChat(source: string | null, specialTokens: Record<string, unknown> = {}): Chat {
  if (source === null) return { template: null, render: (messages, { addGenerationPrompt = true } = {}) => plain(messages, addGenerationPrompt) }
  let template: Template
  try {
    template = new Template(source)
  } catch (cause) {
    throw invalidChat(`the template itself does not parse (${(cause as Error).message})`, cause)
  }
  return {
    template: source,
    render(messages, { addGenerationPrompt = true } = {}) {
      try {
        return template.render({
          ...specialTokens,
          messages: messages.map((message) => ({ ...message })),
          add_generation_prompt: addGenerationPrompt,
          tools: null,
        })
      } catch (cause) {
        throw invalidChat((cause as Error).message, cause)
      }
    },
  }
}

/** For models that were never taught to chat: each turn under its role's name. */
function plain(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
  const turns = messages.map(({ role, content }) => (role === 'system' ? content : `${role[0]?.toUpperCase()}${role.slice(1)}: ${content}`))
  return [...turns, ...(addGenerationPrompt ? ['Assistant:'] : [])].join('\n')
}
