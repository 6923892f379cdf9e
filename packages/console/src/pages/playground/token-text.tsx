import { DataTable } from '../../controls/data-table.tsx'
import type { Token } from './answer.ts'

/** Five classes of probability, of which each has a colour in the style sheet. */
export const classOf = (logprob: number | null): string => {
  if (logprob === null) return 'token'
  const probability = Math.exp(logprob)
  return `token token-${[0.05, 0.2, 0.5, 0.8].filter((bound) => probability >= bound).length}`
}

const percent = (logprob: number): string => `${(100 * Math.exp(logprob)).toFixed(1)} %`
const visible = (text: string): string => text.replaceAll('\n', '⏎').replaceAll(' ', '␣') || '∅'

const titleOf = ({ logprob, alternatives }: Token): string =>
  logprob === null
    ? ''
    : [`log-probability ${logprob.toFixed(3)} (${percent(logprob)})`, ...alternatives.map(({ text, logprob }) => `${visible(text)}  ${percent(logprob)}`)].join(
        '\n',
      )

/** An answer token by token, coloured by how likely each was. */
export const TokenText = ({ tokens }: { tokens: readonly Token[] }) => (
  <>
    {tokens.map((token, at) => (
      <span key={at} class={classOf(token.logprob)} title={titleOf(token)}>
        {token.text}
      </span>
    ))}
  </>
)

/** The likeliest at its place but itself. */
const othersOf = ({ text, alternatives }: Token): Token['alternatives'] => alternatives.filter((other) => other.text !== text)

/** The same as a table, for those who see no colours. It is there before the first token, so that nothing moves when that comes. */
export const TokenTable = ({ tokens, name }: { tokens: readonly Token[]; name: string }) => (
  <details>
    <summary>Log-probabilities as a table</summary>
    {tokens.length === 0 && <p class="quiet">None yet: they come with an answer, where they are asked for.</p>}
    <DataTable
      caption={`Tokens of ${name}`}
      rows={tokens.map((token, at) => ({ ...token, at }))}
      keyOf={({ at }) => String(at)}
      columns={[
        { title: 'Token', cell: ({ text }) => <code>{visible(text)}</code> },
        { title: 'Log-probability', cell: ({ logprob }) => logprob?.toFixed(3) ?? '', numeric: true },
        { title: 'Probability', cell: ({ logprob }) => (logprob === null ? '' : percent(logprob)), numeric: true },
        {
          title: 'Others',
          cell: (token) =>
            othersOf(token)
              .map(({ text, logprob }) => `${visible(text)} ${percent(logprob)}`)
              .join(', '),
        },
      ]}
    />
  </details>
)
