import type { WeftClient } from '@weft/client'
import type { ShippedAdapter, Task } from '@weft/smollm2-adapters'

/** One request, as the bare base answers it and as a composition does. */
export interface ShownAnswers {
  /** What it is an example of. */
  example: string
  composition: string
  asked: string
  base: string
  adapted: string
}

/** Two of them at once. `docs/guides/adapters-that-come-along.md` says what each keeps of what it was trained for. */
export const shippedComposition = 'base + supplement/one-line + thought/sums'

/** Asks what each adapter was measured on, its first held-out row, whatever comes of it; then the composition of two, what one of them is asked. */
export const askShipped = async (weft: WeftClient, shipped: readonly ShippedAdapter[], signal: AbortSignal): Promise<ShownAnswers[]> => {
  const shown: ShownAnswers[] = []
  for (const { name, example, task } of shipped) shown.push(await bothAnswers(weft, task(1), { example, composition: `base + ${name}` }, signal))
  const composed = shipped.filter(({ name }) => shippedComposition.includes(name))
  const within = composed.at(-1)
  if (within && composed.length > 1) shown.push(await bothAnswers(weft, within.task(2), { example: 'two at once', composition: shippedComposition }, signal))
  return shown
}

const bothAnswers = async (weft: WeftClient, task: Task, of: Pick<ShownAnswers, 'example' | 'composition'>, signal: AbortSignal): Promise<ShownAnswers> => {
  const ask = task.kind === 'style' ? continued(weft, task.openings[0], signal) : answered(weft, task, signal)
  const asked = task.kind === 'style' ? task.openings[0] : lastOf(task).user
  return { ...of, asked, base: await ask('base'), adapted: await ask(of.composition) }
}

/** Of the part whose rows are least like those that were learned. */
const lastOf = ({ heldOut }: Extract<Task, { kind: 'questions' }>) => Object.values(heldOut).at(-1)!.at(-1)!

const continued =
  (weft: WeftClient, opening: string, signal: AbortSignal) =>
  async (model: string): Promise<string> => {
    const { choices } = await weft.completions.create({ model, prompt: opening, maxTokens: 50, temperature: 0.7, seed: 1 }, { signal })
    return opening + (choices[0]?.text ?? '')
  }

const answered = (weft: WeftClient, task: Extract<Task, { kind: 'questions' }>, signal: AbortSignal) => {
  const { system, user } = lastOf(task)
  return async (model: string): Promise<string> => {
    const messages = [
      { role: 'system' as const, content: system },
      { role: 'user' as const, content: user },
    ]
    const { choices } = await weft.chat.create({ model, messages, maxTokens: Math.max(24, task.maxTokens), temperature: 0 }, { signal })
    return String(choices[0]?.message.content ?? '').trim()
  }
}
