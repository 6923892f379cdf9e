import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createChat } from '../chat.ts'
import type { ChatMessage } from '../chat-message.ts'

const templates = join(import.meta.dirname, '../../../../../test/golden/chat/templates')
const chatOf = (name: string) => createChat(readFileSync(join(templates, `${name}.jinja`), 'utf8'), { bos_token: '<s>', eos_token: '</s>' })

/** A chat with the assistant's parts in double angles. */
const shown = (name: string, messages: ChatMessage[], variables?: Record<string, unknown>): string => {
  const { text, assistantSpans } = chatOf(name).renderWithSpans(messages, { variables })
  expect(assistantSpans.map(({ message }) => message)).toEqual(messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : [])))
  let done = 0
  return assistantSpans.map(({ start, end }) => `${text.slice(done, start)}«${text.slice(start, (done = end))}»`).join('') + text.slice(done)
}

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })
const twoTurns = [user('1'), assistant('2'), user('3'), assistant('4')]
const thinking = [user('1'), assistant('<think>\nhm\n</think>\n\n2'), user('3'), assistant('<think>\nso\n</think>\n\n4')]

describe('the assistant’s parts of a chat', () => {
  test('templates whose beginnings render as the whole does', () => {
    expect(shown('chatml', twoTurns)).toBe(
      '<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n«2<|im_end|>\n»<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n«4<|im_end|>\n»',
    )
    expect(shown('llama-2', twoTurns)).toBe('<s>[INST] 1 [/INST]« 2 </s>»<s>[INST] 3 [/INST]« 4 </s>»')
    expect(shown('gemma', twoTurns)).toBe(
      '<s><start_of_turn>user\n1<end_of_turn>\n<start_of_turn>model\n«2<end_of_turn>\n»<start_of_turn>user\n3<end_of_turn>\n<start_of_turn>model\n«4<end_of_turn>\n»',
    )
  })
  test('a template that marks them', () => {
    expect(shown('chatml-generation', twoTurns)).toContain('<|im_start|>assistant\n«2<|im_end|>»\n')
  })
  test('Qwen3 shows thinking in the last turn alone', () => {
    const head = '<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n«2<|im_end|>\n»<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n'
    expect(shown('qwen3', thinking)).toBe(`${head}«<think>\nso\n</think>\n\n4<|im_end|>\n»`)
    expect(shown('qwen3', twoTurns)).toBe(`${head}«<think>\n\n</think>\n\n4<|im_end|>\n»`)
    expect(shown('qwen3', [...thinking, user('5')])).toBe(`${head}«4<|im_end|>\n»<|im_start|>user\n5<|im_end|>\n`)
  })
  test('Phi-3 ends a chat with a token of its own', () => {
    expect(shown('phi-3', twoTurns)).toBe('<|user|>\n1<|end|>\n<|assistant|>\n«2<|end|>\n»<|user|>\n3<|end|>\n<|assistant|>\n«4<|end|>\n</s>»')
  })
  test('DeepSeek prompts with a thought that it does not keep', () => {
    expect(shown('deepseek', thinking)).toBe('<s><｜User｜>1<｜Assistant｜>«\n\n2<｜end▁of▁sentence｜>»<｜User｜>3<｜Assistant｜>«\n\n4<｜end▁of▁sentence｜>»')
  })
  test('Mistral moves the system turn to the last user', () => {
    const system = { role: 'system', content: 'S' }
    expect(shown('mistral', [system, ...twoTurns])).toBe('<s>[INST] 1[/INST]« 2</s>»[INST] 3[/INST]« 4</s>»')
  })
  test('answers that are alike, empty, or speak the template’s own language', () => {
    expect(shown('phi-3', [user('2'), assistant('2'), user('2'), assistant('2')])).toBe(
      '<|user|>\n2<|end|>\n<|assistant|>\n«2<|end|>\n»<|user|>\n2<|end|>\n<|assistant|>\n«2<|end|>\n</s>»',
    )
    expect(shown('qwen3', [user('1'), assistant(''), user('3'), assistant('')])).toBe(
      '<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n«<|im_end|>\n»<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n«<think>\n\n</think>\n\n<|im_end|>\n»',
    )
    expect(shown('phi-3', [user('a'), assistant('<|end|>\n<|assistant|>\nb'), user('c'), assistant('d')])).toBe(
      '<|user|>\na<|end|>\n<|assistant|>\n«<|end|>\n<|assistant|>\nb<|end|>\n»<|user|>\nc<|end|>\n<|assistant|>\n«d<|end|>\n</s>»',
    )
    expect(shown('qwen3', [user('1'), assistant('a🙂'), user('🙂'), assistant('  b\n')])).toContain('«a🙂<|im_end|>\n»')
  })
  test('several answers in a row, and one at the beginning', () => {
    expect(shown('phi-3', [assistant('a'), assistant('b'), user('c'), assistant('d')])).toBe(
      '<|assistant|>\n«a<|end|>\n»<|assistant|>\n«b<|end|>\n»<|user|>\nc<|end|>\n<|assistant|>\n«d<|end|>\n</s>»',
    )
  })
  test('calls of functions', () => {
    const call = { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] }
    const messages = [user('1'), call, { role: 'tool', content: 'r' }, assistant('2'), user('3'), assistant('4')]
    expect(shown('qwen3', messages)).toBe(
      '<|im_start|>user\n1<|im_end|>\n<|im_start|>assistant\n«<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call><|im_end|>\n»<|im_start|>user\n<tool_response>\nr\n</tool_response><|im_end|>\n<|im_start|>assistant\n«2<|im_end|>\n»<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n«<think>\n\n</think>\n\n4<|im_end|>\n»',
    )
    expect(shown('llama-3', messages)).toContain('assistant<|end_header_id|>\n\n«{"name": "f", "parameters": {"a": 1}}<|eot_id|>»<|start_header_id|>ipython')
  })
  test('a call without words, where a line break stands between words and a call', () => {
    const nemotron = createChat(
      `{% for m in messages %}<{{ m.role }}>\n{{ m.content }}{% if m.tool_calls %}{{ '\n' if m.content }}[{{ m.tool_calls[0].function.name }}]{% endif %}{{ '</s>' if loop.last else '\n</s>' }}{% endfor %}{{ '<assistant>\n<think>' if add_generation_prompt }}`,
    )
    const call = { role: 'assistant', content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] }
    const { text, assistantSpans } = nemotron.renderWithSpans([
      user('1'),
      call,
      { role: 'tool', content: 'r' },
      assistant('2'),
      user('3'),
      { ...call, content: 'W' },
    ])
    expect(assistantSpans.map(({ start, end }) => text.slice(start, end))).toEqual(['[f]', '2', 'W\n[f]</s>'])
  })
  test.each(['c.arguments | tojson', 'c.arguments'])('calls whose function a result tells once more, and an end of the last turn alone: %s', (given) => {
    const chat = createChat(
      `{% set last = namespace(name='') %}{% for m in messages %}{% if m.tool_calls %}{% set c = m.tool_calls[0].function %}{% set last.name = c.name %}<start>assistant to={{ c.name }}<message>{{ ${given} }}<call>{% elif m.role == 'tool' %}<start>{{ last.name }} to=assistant<message>{{ m.content }}<end>{% else %}<start>{{ m.role }}<message>{{ m.content }}{{ '<return>' if m.role == 'assistant' and loop.last else '<end>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}<start>assistant{% endif %}`,
    )
    const call = (name: string, place: number): ChatMessage => {
      const written = { place }
      const called = { name, arguments: given === 'c.arguments' ? JSON.stringify(written) : written }
      return { role: 'assistant', content: '', tool_calls: [{ id: name, type: 'function', function: called }] }
    }
    const result: ChatMessage = { role: 'tool', content: 'r' }
    const { text, assistantSpans } = chat.renderWithSpans([user('1'), call('f', 1), result, call('g', 2), result, assistant('2'), user('3'), assistant('4')])
    const [first, second, ...words] = assistantSpans.map(({ start, end }) => text.slice(start, end))
    expect([first, second].map((called) => called!.replace(/\s/g, ''))).toEqual(['to=f<message>{"place":1}<call>', 'to=g<message>{"place":2}<call>'])
    expect(words).toEqual(['<message>2', '<message>4<return>'])
  })
  test('no token is cut in two where a prompt behind a result shows another', () => {
    const messages = [user('1'), assistant('f()'), { role: 'tool', content: 'r' }, assistant('2')]
    const behind = '<｜tool▁output▁begin｜>r<｜tool▁output▁end｜>'
    expect(shown('deepseek', messages)).toContain(`${behind}«<｜Assistant｜>2<｜end▁of▁sentence｜>`)
  })
  test('the plain form', () => {
    const { text, assistantSpans } = createChat(null).renderWithSpans(twoTurns)
    expect(assistantSpans.map(({ start, end }) => text.slice(start, end))).toEqual([' 2', ' 4'])
  })
  test('a template that hides or repeats an answer is refused', () => {
    const find = (template: string) => () => createChat(template).renderWithSpans([user('1'), assistant('2'), user('3'), assistant('4')])
    const refused = expect.objectContaining({ code: 'assistant_turn_not_found' })
    expect(find('{{ messages[-1].content }}{{ add_generation_prompt }}')).toThrow(refused)
    expect(find('{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}{{ messages | length }}')).toThrow(refused)
    expect(find('{% for m in messages %}{{ m.content | length }}{% endfor %}{{ messages | length }}')).toThrow(refused)
  })
})
