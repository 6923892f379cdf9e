import { type AutoChoice, isWeftError } from '@weft/protocol'

/** An answer to several texts, a result for each. */
interface Answer {
  data: { index: number }[]
  auto?: AutoChoice | undefined
}

/** What `auto(…)` chose for each text, where it chose. */
export interface Chosen<A> {
  answer: A
  choices: AutoChoice[]
}

/** All texts in one request; or, where `auto(…)` chooses for each by itself, each in one of its own: every result then has what was chosen for it. */
export const askedOneByOne = async <A extends Answer>(texts: readonly string[], ask: (texts: string[]) => Promise<A>): Promise<Chosen<A>> => {
  try {
    const answer = await ask([...texts])
    return { answer, choices: answer.auto ? [answer.auto] : [] }
  } catch (error) {
    if (!isWeftError(error) || error.code !== 'auto_several_inputs') throw error
  }
  const answers: A[] = []
  for (const text of texts) answers.push(await ask([text]))
  const { auto: _, ...first } = answers[0]!
  const data = answers.flatMap(({ data, auto }, index) => data.map((result) => ({ ...result, index, auto })))
  return { answer: { ...first, data } as unknown as A, choices: answers.flatMap(({ auto }) => auto ?? []) }
}
