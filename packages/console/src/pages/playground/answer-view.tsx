import type { ClassifyResponse } from '@weft/protocol'
import type { Answer } from './answer.ts'
import type { Message } from './settings.ts'
import { TokenTable, TokenText } from './token-text.tsx'
import type { Column } from './use-answers.ts'

interface AnswerViewProps {
  name: string
  answer: Answer
  /** Earlier turns of its chat. */
  turns: readonly Message[]
  busy: boolean
  cut: Column['cut']
}

/** What one variant answered. Its place has one height from the beginning, so that nothing moves while tokens come. */
export const AnswerView = ({ name, answer, turns, busy, cut }: AnswerViewProps) => (
  <section class="answer" aria-label={`Answer of ${name}`} aria-busy={busy}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which a keyboard must be able to do */}
    <section class="answer-text" tabIndex={0} aria-label={`Text of ${name}`}>
      {turns.map(({ role, content }, at) => (
        <p key={at} class={`turn turn-${role}`}>
          <strong>{role === 'user' ? 'You' : 'Model'}</strong> <span dir="auto">{content}</span>
        </p>
      ))}
      {/* The direction is that of what was answered, whatever the page's. */}
      <div dir="auto">{answer.labels ? <Labels results={answer.labels} /> : answer.tokens.length > 0 ? <TokenText tokens={answer.tokens} /> : answer.text}</div>
    </section>
    <p class="answer-facts" role="status">
      {busy ? 'Answering …' : cut ? cutText[cut] : factsOf(answer)}
    </p>
    {answer.notes.length > 0 && (
      <section class="answer-notes" aria-label={`Notes on ${name}`}>
        {answer.notes.map((note) => (
          <p key={note} class="hint">
            {note.trim()}
          </p>
        ))}
      </section>
    )}
    {!answer.labels && <TokenTable tokens={answer.tokens} name={name} />}
  </section>
)

const cutText = { stopped: 'Stopped before its end.', failed: 'Failed before its end.' }

const factsOf = ({ usage, finish, firstMs, totalMs }: Answer): string => {
  if (totalMs === undefined) return 'Not asked yet.'
  const tokens = usage && `${usage.promptTokens} + ${usage.completionTokens} tokens${usage.virtualTokens ? `, ${usage.virtualTokens} virtual` : ''}`
  return [tokens, finish && `ended by ${finish}`, firstMs !== undefined && `first after ${Math.round(firstMs)} ms`, `${Math.round(totalMs)} ms in all`]
    .filter(Boolean)
    .join(' · ')
}

type Result = ClassifyResponse['data'][number]
/** A text's labels, or those of its words. */
type OfOneTask = Extract<Result, { tasks: unknown }>['tasks'][string]

const Labels = ({ results }: { results: readonly Result[] }) => (
  <>
    {results.flatMap((result) =>
      Object.entries<OfOneTask>('tasks' in result ? result.tasks : { Labels: result }).map(([task, of]) => (
        <TaskLabels key={`${result.index}-${task}`} task={task} of={of} />
      )),
    )}
  </>
)

/** Labels with their probabilities, likeliest first; of words, each word's label. */
const TaskLabels = ({ task, of }: { task: string; of: OfOneTask }) =>
  'tokens' in of ? (
    <p>
      {of.tokens.map(({ index, token, label }) => (
        <span key={index}>
          {token} <code>{label}</code>{' '}
        </span>
      ))}
    </p>
  ) : (
    <ul class="labels" aria-label={task}>
      {Object.entries(of.scores)
        .sort(([, a], [, b]) => b - a)
        .map(([label, score]) => (
          <li key={label}>
            <span>{label}</span>
            <meter min={0} max={1} value={score} aria-label={label} />
            <span>{(100 * score).toFixed(2)} %</span>
          </li>
        ))}
    </ul>
  )
