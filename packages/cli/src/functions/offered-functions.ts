import { parseExactly } from '@weft/adapters'
import type { ChatParameters } from '@weft/client'
import { inputText } from '../input/input-file.ts'
import { toolsMalformed } from './errors.ts'

type Tools = NonNullable<ChatParameters['tools']>

/**
 * Functions that a request offers: a JSON list of OpenAI's tools, or what has one as its `tools`, such as the rows of a training file, of which the first
 * that has some counts. What each has to be, the edge says.
 * @throws CliError `file_missing`, `not_a_file`, `not_a_text`, `tools_malformed`
 */
export function offeredFunctions(path: string): Tools {
  const text = inputText(path, "a file of OpenAI's tools")
  const whole = read(text)
  const tools = 'value' in whole ? toolsIn(whole.value) : firstOfRows(text)
  if (!tools) throw toolsMalformed(path, 'value' in whole ? undefined : whole.fault)
  return tools as Tools
}

/** Bytes of a training file whose rows are looked at. */
const LOOKED_AT = 1 << 20

/** What the rows of a training file are asked as: chats, with functions or without; something else where the first row is none of these. */
export function askedAs(content: Uint8Array): 'chat' | 'functions' | 'other' {
  const text = new TextDecoder().decode(content.subarray(0, LOOKED_AT)).trimStart()
  if (!isChat(text.slice(0, text.search(/\n|$/)))) return 'other'
  return text.includes('"tools"') && firstOfRows(text) ? 'functions' : 'chat'
}

const isChat = (line: string): boolean => {
  const row = read(line)
  return 'value' in row && isRecord(row.value) && 'messages' in row.value
}

function firstOfRows(text: string): unknown[] | undefined {
  for (const line of text.split('\n')) {
    if (!line.includes('"tools"')) continue
    const row = read(line)
    const tools = 'value' in row ? toolsIn(row.value) : undefined
    if (tools) return tools
  }
  return undefined
}

const toolsIn = (value: unknown): unknown[] | undefined => {
  const tools = isRecord(value) ? value.tools : value
  return Array.isArray(tools) && tools.length > 0 && tools.every(isRecord) && tools.every((tool) => isRecord(tool.function)) ? tools : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const read = (text: string): { value: unknown } | { fault: string } => {
  try {
    return { value: parseExactly(text) }
  } catch (error) {
    return { fault: (error as Error).message }
  }
}
