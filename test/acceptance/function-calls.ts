/**
 * What an adapter learns of calling functions: when, which, and with what arguments. Rows and questions are made here, of the same phrases; the places,
 * hours and names of the held-out ones stand in no row. The base model is asked the same, before.
 *
 * Usage: npx node test/acceptance/function-calls.ts [--model DIR] [--precision int8] [--method lora] [--rows 240] [--held-out 60] [--steps 60] [--seed 0] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import OpenAI from 'openai'
import { scriptOptions } from './script-options.ts'
import { ServedWeft } from './served-weft.ts'

interface Question {
  question: string
  /** Null: to be answered in words. */
  call: { name: string; arguments: Record<string, string> } | null
  answer?: string
}

const tool = (name: string, description: string, ...parameters: string[]) => ({
  type: 'function' as const,
  function: {
    name,
    description,
    parameters: { type: 'object', properties: Object.fromEntries(parameters.map((each) => [each, { type: 'string' }])), required: parameters },
  },
})
const tools = [tool('weather', 'The weather of a place', 'place'), tool('alarm', 'Sets an alarm', 'time'), tool('message', 'Sends a message', 'to', 'text')]

/** Words of rows, and of held-out questions. */
const words = {
  rows: {
    places: ['Bern', 'Oslo', 'Lima', 'Rome', 'Kyoto', 'Cairo', 'Quito', 'Delhi', 'Turin', 'Porto'],
    names: ['Anna', 'Ben', 'Carla', 'Dev', 'Eli', 'Fay', 'Gus', 'Hana'],
    hours: [1, 3, 4, 6, 8, 9, 11, 12, 14, 15, 17, 19, 20, 22],
    texts: ['I am late', 'see you soon', 'dinner is ready', 'call me', 'the door is open', 'we won'],
  },
  heldOut: {
    places: ['Basel', 'Perth', 'Lyon', 'Graz', 'Kiel', 'Ghent'],
    names: ['Ivo', 'June', 'Karl', 'Lena'],
    hours: [2, 5, 7, 10, 13, 16, 18, 21],
    texts: ['I am home', 'the train is full', 'bring some milk', 'it is over'],
  },
}
const phrases = {
  weather: ['How is the weather in {place}?', 'Does it rain in {place}?', 'Will I need a coat in {place} today?', 'Is it sunny in {place}?'],
  alarm: ['Wake me at {time}.', 'Set an alarm for {time}.', 'I have to get up at {time}.', 'Alarm at {time}, please.'],
  message: ['Tell {to}: {text}.', 'Write to {to}: {text}.', 'Let {to} know: {text}.', 'Send {to} a note: {text}.'],
}
const talk: readonly (readonly [string, string])[] = [
  ['Who are you?', 'An assistant.'],
  ['Thank you!', 'You are welcome.'],
  ['Good morning!', 'Good morning.'],
  ['What is 2 plus 2?', '4.'],
  ['Are you a person?', 'No, a program.'],
]

function questionOf(random: Random, { places, names, hours, texts }: (typeof words)['rows']): Question {
  const one = <T>(of: readonly T[]): T => of[random.integer(of.length)]!
  const kind = one(['weather', 'alarm', 'message', 'talk'] as const)
  if (kind === 'talk') {
    const [question, answer] = one(talk)
    return { question, answer, call: null }
  }
  const time = `${String(one(hours)).padStart(2, '0')}:${one(['00', '10', '15', '20', '30', '45', '50'])}`
  const given: Record<string, string> = kind === 'weather' ? { place: one(places) } : kind === 'alarm' ? { time } : { to: one(names), text: one(texts) }
  return { question: one(phrases[kind]).replace(/\{(\w+)\}/g, (_, name: string) => given[name]!), call: { name: kind, arguments: given } }
}

const rowOf = ({ question, answer, call }: Question): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      call ? { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: call }] } : { role: 'assistant', content: answer },
    ],
    tools,
  })

const choices = ['named', 'required', 'auto'] as const
type Right = Record<(typeof choices)[number], { right: number; of: number }>

/** How many questions are answered right. Those that are to be answered in words are asked with `auto` alone, and any words are right. */
async function rightAnswers(openai: OpenAI, model: string, questions: readonly Question[]): Promise<Right> {
  const isRight = async ({ question, call }: Question, choice: (typeof choices)[number]): Promise<boolean> => {
    const tool_choice = choice === 'named' ? { type: 'function' as const, function: { name: call!.name } } : choice
    const { choices: answers } = await openai.chat.completions.create({
      ...{ model, tools, tool_choice, messages: [{ role: 'user', content: question }] },
      ...{ temperature: 0, max_tokens: 80 },
    })
    const [made] = answers[0]!.message.tool_calls ?? []
    if (made?.type !== 'function' || !call) return made === undefined && call === null
    return made.function.name === call.name && sameArguments(made.function.arguments, call.arguments)
  }
  const right = {} as Right
  for (const choice of choices) {
    const asked = questions.filter(({ call }) => call !== null || choice === 'auto')
    const answers: boolean[] = []
    // As many at once as a batch has rows.
    for (let i = 0; i < asked.length; i += 8) answers.push(...(await Promise.all(asked.slice(i, i + 8).map((question) => isRight(question, choice)))))
    right[choice] = { right: answers.filter(Boolean).length, of: asked.length }
  }
  return right
}

/** A call that was cut is no JSON. */
function sameArguments(written: string, expected: Record<string, string>): boolean {
  try {
    const given = JSON.parse(written) as Record<string, unknown>
    return Object.keys(given).length === Object.keys(expected).length && Object.entries(expected).every(([name, value]) => given[name] === value)
  } catch {
    return false
  }
}

if (import.meta.main) {
  const values = scriptOptions({
    model: { type: 'string' },
    precision: { type: 'string' },
    method: { type: 'string', default: 'lora' },
    rows: { type: 'string', default: '240' },
    'held-out': { type: 'string', default: '60' },
    steps: { type: 'string', default: '60' },
    seed: { type: 'string', default: '0' },
    json: { type: 'boolean' },
  })
  const { model, precision, method } = values
  const random = new Random(values.seed)
  const made = (count: string, of: (typeof words)['rows']) => Array.from({ length: Number(count) }, () => questionOf(random, of))
  const [rows, questions] = [made(values.rows, words.rows), made(values['held-out'], words.heldOut)]
  const state = mkdtempSync(join(tmpdir(), 'weft-function-calls-'))
  try {
    await using weft = await ServedWeft.start(state, [...(model ? ['--model', model] : []), ...(precision ? ['--precision', precision] : [])])
    const openai = new OpenAI({ baseURL: `${weft.url}/v1`, apiKey: weft.key })
    const base = await rightAnswers(openai, 'base', questions)
    const file = await weft.client.files.upload({ content: rows.map(rowOf).join('\n'), filename: 'calls.jsonl' })
    const hyperparameters = { maxSteps: Number(values.steps) }
    const { id } = await weft.client.jobs.create({
      model: 'base',
      trainingFile: file.id,
      suffix: 'calls',
      method: { type: method },
      hyperparameters,
      seed: Number(values.seed),
    })
    const { status, error } = await weft.client.jobs.wait(id)
    if (status !== 'succeeded') throw new Error(`The job is ${status}: ${error?.message}`)
    const trained = await rightAnswers(openai, 'base + calls', questions)
    if (values.json) console.log(JSON.stringify({ base, trained }))
    else {
      const told = (right: Right) => choices.map((choice) => `${choice} ${right[choice].right} of ${right[choice].of}`).join(', ')
      console.log(`base: ${told(base)}\nbase + calls: ${told(trained)}`)
    }
  } finally {
    rmSync(state, { recursive: true })
  }
}
