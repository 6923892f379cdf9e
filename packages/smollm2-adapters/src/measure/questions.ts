import type { ModelSession } from '@weft/session'
import type { BasePrompt, Question, QuestionTask } from '../tasks/task.ts'

export interface Answers {
  rows: number
  /** Share of answers in the form that was asked for, and right. */
  exact: number
  /** … in that form, whatever they say. */
  form: number
  /** … that say the right thing, in whatever form. */
  right: number
  /** Mean length of an answer. */
  tokens: number
}

/** The turns before the answer, as the model was taught to read them. */
export const asked = (
  { model }: ModelSession,
  question: Pick<Question, 'system' | 'user'>,
  { system = question.system, examples = [] }: BasePrompt = {},
): string =>
  model.chat.render([
    { role: 'system', content: system },
    ...examples.flatMap((example) => [
      { role: 'user', content: example.user },
      { role: 'assistant', content: example.completion },
    ]),
    { role: 'user', content: question.user },
  ])

/** Asks every question by greedy decoding, eight at a time. @param prompt what stands in place of the question's own instruction */
export const answers = async (
  session: ModelSession,
  expression: string,
  task: Pick<QuestionTask, 'maxTokens' | 'keepsForm' | 'says' | 'choices'>,
  questions: readonly Question[],
  { prompt, onAnswer }: { prompt?: BasePrompt; onAnswer?: (question: Question, text: string) => void } = {},
): Promise<Answers> => {
  const grammar = task.choices && { type: 'choice' as const, choice: [...task.choices] }
  const options = { maxTokens: task.maxTokens, ...(grammar && { grammar }) }
  const found = { exact: 0, form: 0, right: 0, tokens: 0 }
  for (let at = 0; at < questions.length; at += ROWS) {
    const some = questions.slice(at, at + ROWS)
    const replies = await Promise.all(some.map((question) => session.generate(expression, asked(session, question, prompt), options)))
    for (const [i, { text, tokens: written }] of replies.entries()) {
      const [form, right] = [task.keepsForm(text), task.says(text, some[i].answer)]
      found.exact += Number(form && right)
      found.form += Number(form)
      found.right += Number(right)
      found.tokens += written.length
      onAnswer?.(some[i], text)
    }
  }
  const mean = (sum: number): number => sum / questions.length
  return { rows: questions.length, exact: mean(found.exact), form: mean(found.form), right: mean(found.right), tokens: mean(found.tokens) }
}

const ROWS = 8
