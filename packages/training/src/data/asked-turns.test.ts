import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import { callOpening } from '@weft/inference/chat/call-opening'
import { CallReader } from '@weft/inference/chat/call-reader'
import { chatPrompt, chatTurns } from '@weft/inference/chat/chat-prompt'
import { abilitiesOf } from '@weft/inference/chat/template-abilities'
import { DEAD } from '@weft/inference/grammar/automaton/automaton'
import { automatonOf } from '@weft/inference/grammar/grammar'
import { createChat } from '@weft/model/tokenizer/chat'
import type { Message, RowMessage, ToolFunction } from '@weft/protocol'
import { describe, expect, test } from 'vitest'
import { learnedChat } from './asked-turns.ts'

const folder = join(import.meta.dirname, '../../../../test/golden/chat/templates')
const sources = new Map<string, string | null>(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
sources.set('none', null)
// Mistral's earlier templates have the instruction in the user's first message, Qwen3's later ones begin the thought in the prompt.
sources.set('mistral-first.jinja', sources.get('mistral.jinja')!.replace('loop.last and system_message', 'loop.first and system_message'))
sources.set('qwen3-thinking.jinja', sources.get('qwen3.jinja')!.replace(/assistant\\n' }}(?=\s*{%- if enable_thinking)/, "assistant\\n<think>\\n' }}"))
// Gemma's earlier ones have no system.
sources.set('gemma-2.jinja', `{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${sources.get('gemma.jinja')}`)
// Hermes' has a line break behind the result of a function, but for the chat's last message.
sources.set('hermes.jinja', sources.get('qwen3.jinja')!.replace("'\\n</tool_response>' }}", "'\\n</tool_response>' + ('' if loop.last else '\\n') }}"))
// Mistral's later ones have each call behind a mark of its own, its name in no JSON.
sources.set(
  'mistral-names.jinja',
  sources
    .get('mistral.jinja')!
    .replace('"[TOOL_CALLS] ["', '""')
    .replace('{{- out[:-1] }}', '{{- "[TOOL_CALLS]" + tool_call.function.name + "[ARGS]" + (tool_call.function.arguments | tojson) }}')
    .replace(`', "id": "' + tool_call.id + '"}'`, '""')
    .replace('{{- ", " }}{%- else %}{{- "]" + eos_token }}', '{%- else %}{{- eos_token }}'),
)
// Granite's show no calls, and tell how they are written.
sources.set('granite.jinja', `{% if tools %}respond with <|tool_call|> followed by a JSON list{{ tools | tojson }}{% endif %}${sources.get('chatml.jinja')}`)
// Command R's are numbered.
const action = `<|START_ACTION|>[{% for c in message.tool_calls %}{"tool_call_id": "{{ loop.index0 }}", "tool_name": "{{ c.function.name }}", "parameters": {{ c.function.arguments | tojson }}}{% if not loop.last %},\n {% endif %}{% endfor %}]<|END_ACTION|>`
sources.set(
  'command-r.jinja',
  `{% if tools %}{{ tools | tojson }}{% endif %}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{% if message.tool_calls %}${action}{% endif %}<|END|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`,
)
const chats = new Map([...sources].map(([name, source]) => [name, createChat(source, { bos_token: '<s>', eos_token: '</s>' })]))

/** Of each of the assistant's turns its place, the prompt before it, and what is learned of it. */
const turnsOf = (name: string, messages: readonly RowMessage[], tools?: readonly ToolFunction[]) => {
  const chat = chats.get(name)!
  const { text, assistantSpans, apart } = learnedChat(chat, chatTurns(chat, messages), tools)
  return assistantSpans.map((span) => ({
    message: span.message!,
    prompt: text.slice(0, span.start),
    answer: text.slice(span.start, span.end),
    ...apart?.(span),
  }))
}

const SAID = ['yes', '', ' no \n', '🙂', '<think>\nhm\n</think>\n\nso', 'yes yes']

const randomRow = (random: Random): RowMessage[] => {
  const said = (): string => (random.uniform() < 0.5 ? `${random.integer(1000)}` : SAID[random.integer(SAID.length)])
  const odd = random.uniform() < 0.5 ? 0 : 0.2
  const length = random.uniform() < 0.9 ? 1 + random.integer(9) : 40
  const messages: RowMessage[] = random.uniform() < 0.6 ? [{ role: 'system', content: said() }] : []
  while (messages.length < length) {
    if (random.uniform() < odd) messages.push({ role: ['system', 'developer', 'user'][random.integer(3)], content: said() })
    messages.push({ role: 'user', content: said() })
    if (random.uniform() < odd) messages.push({ role: 'assistant', content: said() }, { role: 'tool', content: said() })
    messages.push({ role: 'assistant', content: said() })
    if (random.uniform() < odd) messages.push({ role: 'assistant', content: said() })
  }
  return messages
}

const TOOLS: ToolFunction[] = [
  { name: 'weather', description: 'The weather of a place', parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] } },
  { name: 'now' },
]

/** A chat in which the assistant calls functions, with words beside the calls or without. */
const randomCalls = (random: Random): RowMessage[] => {
  const said = (): string => `${random.integer(1000)}`
  const messages: RowMessage[] = random.uniform() < 0.5 ? [{ role: 'system', content: said() }] : []
  let calls = 0
  for (let n = 1 + random.integer(3); n > 0; n--) {
    messages.push({ role: 'user', content: said() })
    for (let k = random.integer(3); k > 0; k--) {
      const made = Array.from({ length: random.uniform() < 0.8 ? 1 : 2 }, () => {
        const called = random.uniform() < 0.7 ? { name: 'weather', arguments: JSON.stringify({ place: said() }) } : { name: 'now', arguments: '{}' }
        return { id: `call${String(calls++).padStart(5, '0')}`, type: 'function' as const, function: called }
      })
      messages.push({ role: 'assistant', content: random.uniform() < 0.7 ? '' : said(), toolCalls: made })
      for (const { id } of made) messages.push({ role: 'tool', content: said(), toolCallId: id })
    }
    messages.push(n > 1 || random.uniform() < 0.8 ? { role: 'assistant', content: said() } : { role: 'user', content: said() })
  }
  return messages
}

const attempt = <T>(render: () => T): T | null => {
  try {
    return render()
  } catch (error) {
    expect(error).toHaveProperty('code')
    return null
  }
}

describe('what stands before a turn that is learned, a call or an answer, is the prompt of a request with the same functions', () => {
  test.each([...chats.keys()])('%s', (name) => {
    const random = new Random(`calls of ${name}`)
    let learned = 0
    for (let n = 0; n < 12; n++) {
      const messages = randomCalls(random)
      const tools = random.uniform() < 0.8 ? TOOLS : undefined
      const turns = attempt(() => turnsOf(name, messages, tools)) ?? []
      for (const [i, { message, prompt, answer }] of turns.entries()) {
        const asked = attempt(() => chatPrompt(chats.get(name)!, { messages: messages.slice(0, message) as Message[], tools }))
        // Where the template shows words and calls apart, the calls stand behind the words, for which a request asks. One that it objects to asks for nothing.
        if (asked !== null && turns[i - 1]?.message !== message) expect({ n, messages, message, prompt }).toEqual({ n, messages, message, prompt: asked })
        const shown = turns.filter((turn) => turn.message === message).map((turn) => turn.answer)
        for (const { function: called } of messages[message].toolCalls ?? []) expect(shown.join('')).toContain(called.name)
        learned += Number(answer !== '')
      }
    }
    expect(learned).toBeGreaterThan(0)
  })
})

describe('a call is learned behind what an answer begins with that has to be one', () => {
  const call = { id: 'call00000', type: 'function' as const, function: { name: 'weather', arguments: '{"place": "Bern"}' } }
  const messages: RowMessage[] = [
    { role: 'user', content: 'How is it in Bern?' },
    { role: 'assistant', content: '', toolCalls: [call] },
  ]
  test.each([...chats.keys()])('%s', (name) => {
    const [{ answer }] = turnsOf(name, messages, TOOLS)
    const [any, one] = [{}, { name: 'weather' }].map((asked) => callOpening(chats.get(name)!, asked))
    // Macros that write no JSON.
    const unknown = name === 'macros-tools.jinja'
    expect(one === '').toBe(unknown)
    expect(answer.startsWith(any!)).toBe(true)
    if (unknown) return
    expect(answer.startsWith(one!)).toBe(true)
    expect(answer.slice(one!.length)).toMatch(/^ ?\{"place": "Bern"\}/)
    if (name === 'mistral-names.jinja') expect(answer.slice(any!.length)).toMatch(/^weather\[ARGS\]/)
    else if (name === 'command-r.jinja') expect(answer.slice(any!.length)).toMatch(/^\{"tool_call_id": "0", "tool_name": "weather", "parameters":/)
    else expect(answer.slice(any!.length)).toMatch(/^\{"name": "weather", "(arguments|parameters)":/)
  })
})

describe('calls that are learned are what an answer may be that is asked for, and they are told as they were made', () => {
  test.each([...chats.keys()])('%s', (name) => {
    const { form } = abilitiesOf(chats.get(name)!)
    if (form === undefined) return expect(name).toBe('macros-tools.jinja')
    const random = new Random(`learned of ${name}`)
    let learned = 0
    for (let n = 0; n < 12; n++) {
      const messages = randomCalls(random)
      for (const { message, answer } of attempt(() => turnsOf(name, messages, TOOLS)) ?? []) {
        const { toolCalls: calls } = messages[message]
        // Words that a template shows in a turn of their own are one.
        if (!calls?.length || !answer.includes(calls[0]!.function.name)) continue
        const automaton = automatonOf({ type: 'tool_calls', functions: TOOLS, optional: true, form })
        let [state, complete] = [automaton.start, -1]
        for (const [i, byte] of [...new TextEncoder().encode(answer)].entries()) {
          state = automaton.next(state, byte)
          if (state === DEAD) break
          if (automaton.isComplete(state)) complete = i + 1
        }
        const reader = new CallReader({ type: 'tool_calls', functions: TOOLS, optional: true, form })
        let [told, held] = ['', '']
        for (const piece of answer.slice(0, complete).match(/[^]{1,3}/g) ?? []) {
          held += piece
          const said = reader.push(piece)
          if (said !== 'held') [told, held] = [told + (said === 'same' ? held : said.text), '']
        }
        const read = calls.map(({ function: { name, arguments: text } }) => `{"name": "${name}", "arguments": ${text}}`)
        // Templates write arguments with blanks of their own.
        const [as, made] = [told.slice(told.indexOf('<tool_call>')), `<tool_call>${read.join('</tool_call><tool_call>')}`].map((text) =>
          text.replaceAll(' ', ''),
        )
        expect({ n, answer, told: as }).toEqual({ n, answer, told: made })
        learned++
      }
    }
    expect(learned).toBeGreaterThan(0)
  })
})

describe('what stands before a turn that is learned is the prompt of a request for it', () => {
  test.each([...chats.keys()])('%s', (name) => {
    const random = new Random(`asked of ${name}`)
    let learned = 0
    for (let n = 0; n < 12; n++) {
      const messages = randomRow(random)
      for (const { message, prompt } of attempt(() => turnsOf(name, messages)) ?? []) {
        const asked = chatPrompt(chats.get(name)!, { messages: messages.slice(0, message) as Message[] })
        expect({ n, message, messages, prompt }).toEqual({ n, message, messages, prompt: asked })
        learned++
      }
    }
    expect(learned).toBeGreaterThan(0)
  })
})

describe('a turn that no request meets as its row shows it', () => {
  const user = (content: string): RowMessage => ({ role: 'user', content })
  const assistant = (content: string): RowMessage => ({ role: 'assistant', content })
  const thinking = [user('1'), assistant('<think>\nhm\n</think>\n\n2'), user('3'), assistant('<think>\nso\n</think>\n\n4')]
  const learned = (name: string, messages: RowMessage[]) => turnsOf(name, messages).map(({ prompt, answer }) => `${prompt}«${answer}»`)

  test('Mistral’s instruction stands before what the user says last', () => {
    const row = [{ role: 'system', content: 'S' }, user('1'), assistant('2'), user('3'), assistant('4')]
    expect(learned('mistral.jinja', row)).toEqual(['<s>[INST] S\n\n1[/INST]« 2</s>»', '<s>[INST] 1[/INST] 2</s>[INST] S\n\n3[/INST]« 4</s>»'])
    expect(learned('mistral-first.jinja', row)).toEqual(['<s>[INST] S\n\n1[/INST]« 2</s>»', '<s>[INST] S\n\n1[/INST] 2</s>[INST] 3[/INST]« 4</s>»'])
  })
  test('a thought that the prompt begins is learned behind it, though the template keeps none', () => {
    expect(learned('deepseek.jinja', thinking)).toEqual([
      '<s><｜User｜>1<｜Assistant｜><think>\n«hm\n</think>\n\n2<｜end▁of▁sentence｜>»',
      '<s><｜User｜>1<｜Assistant｜>\n\n2<｜end▁of▁sentence｜><｜User｜>3<｜Assistant｜><think>\n«so\n</think>\n\n4<｜end▁of▁sentence｜>»',
    ])
    expect(learned('deepseek.jinja', [user('1'), assistant('2')])).toEqual(['<s><｜User｜>1<｜Assistant｜><think>\n«2<｜end▁of▁sentence｜>»'])
    const before = '<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n'
    expect(learned('qwen3-thinking.jinja', thinking)).toEqual([
      `${before}<think>\n«hm\n</think>\n\n2<|im_end|>\n»`,
      `${before}2<|im_end|>\n<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n<think>\n«so\n</think>\n\n4<|im_end|>\n»`,
    ])
  })
  test('Mistral’s words beside a call are learned in front of it, and not said again behind what it gave', () => {
    const called: RowMessage = {
      role: 'assistant',
      content: 'W',
      toolCalls: [{ id: 'call00000', type: 'function', function: { name: 'now', arguments: '{}' } }],
    }
    const row: RowMessage[] = [user('1'), called, { role: 'tool', content: 'R', toolCallId: 'call00000' }, assistant('2')]
    const written = '[TOOL_CALLS] [{"name": "now", "arguments": {}, "id": "call00000"}]</s>'
    const words = `<s>[INST] 1[/INST]« W</s>${written}»`
    expect(learned('mistral.jinja', row)).toEqual([words, `<s>[INST] 1[/INST] W</s>${written}[TOOL_RESULTS] {"content": R}[/TOOL_RESULTS]« 2</s>»`])
    expect(learned('mistral.jinja', [...row, user('3'), assistant('4')])).toEqual([
      words,
      `<s>[INST] 1[/INST] W</s>${written}[TOOL_RESULTS] {"content": R}[/TOOL_RESULTS]« 2</s>»`,
      expect.stringMatching(/3\[\/INST]« 4<\/s>»$/),
    ])
  })
  test('an answer behind the last result of a function begins where Hermes has it begin', () => {
    const row: RowMessage[] = [user('1'), assistant('f()'), { role: 'tool', content: 'r' }, assistant('2')]
    const learnedThere = '\nr\n</tool_response><|im_end|>\n<|im_start|>assistant\n«<think>\n\n</think>\n\n2<|im_end|>\n»'
    for (const rest of [[], [user('3'), assistant('4')]]) expect(learned('hermes.jinja', [...row, ...rest])[1]).toContain(learnedThere)
  })
  test('Qwen3 shows what was thought since the user spoke', () => {
    const row = [user('1'), assistant('<think>\nhm\n</think>\n\nf()'), { role: 'tool', content: 'r' }, assistant('2'), user('3'), assistant('4')]
    expect(learned('qwen3.jinja', row)[1]).toContain('<think>\nhm\n</think>\n\nf()<|im_end|>')
    expect(learned('qwen3.jinja', row)[2]).not.toContain('hm')
  })
})
