import type { Verdict } from '@weft/adapters'
import type { RunnerEvent } from '../wire/runner.ts'

/**
 * A verdict as events of its job: the summary, and every finding with what to try. `data.verdict` marks them, by the finding's code, for who shows the job's
 * verdict anyway.
 */
export const verdictEvents = ({ summary, findings }: Verdict): Pick<RunnerEvent, 'level' | 'type' | 'message' | 'data'>[] => [
  { level: 'info', type: 'message', message: summary, data: { verdict: 'summary' } },
  ...findings.map(({ code, level, message, next }) => ({
    level,
    type: 'message' as const,
    message: next ? `${message} ${next}` : message,
    data: { verdict: code },
  })),
]
