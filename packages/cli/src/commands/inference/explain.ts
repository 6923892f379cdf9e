import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { optionUnread } from '../../errors.ts'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { choiceLines } from './auto-choice.ts'
import { positionsText } from './explained/positions-text.ts'
import { termsTable } from './explained/terms-table.ts'
import { trainedOverLines } from './explained/trained-over.ts'

export const explain = (): Command =>
  connected(new Command('explain'))
    .description('say what an expression would run, without running it')
    .argument('<expression>', 'base, a route, or an expression')
    .option(
      '--input <text>',
      "what would be asked, for a composition that is chosen by it: auto(a, b); of a chat, its messages' texts, the system's too, with line breaks between",
    )
    .option('--max-tokens <n>', 'tokens of the answer that would be asked for', whole(1))
    .action(async (expression: string, { maxTokens, input, ...options }: Connection & { maxTokens?: number; input?: string }) => {
      const answer = await clientOf(options).explain(expression, { ...(maxTokens !== undefined && { maxTokens }), ...(input !== undefined && { input }) })
      // Of a route, which variant answers is not the caller's to know.
      if (input !== undefined && !answer.auto && answer.route === undefined) throw optionUnread('--input', 'a composition that is chosen by it: auto(a, b)')
      outputOf(options).result(answer, () =>
        [
          answer.canonical || 'base',
          ...(answer.auto ? choiceLines(answer.auto) : []),
          '',
          termsTable(answer),
          '',
          `model      ${answer.model} (${answer.fingerprint.slice(0, 12)}…)`,
          `positions  ${positionsText(answer)}`,
          ...(answer.waits ? [`waits      for the tokens ${answer.waits.invocations.map((tokens) => `[${tokens.join(', ')}]`).join(' and ')}`] : []),
          ...trainedOverLines(answer).map((line) => `note       ${line}`),
          ...(answer.labels ? [`labels     ${answer.labels.join(', ')}`] : []),
          `key        ${answer.key ?? 'none'}`,
          ...(answer.variant === undefined ? [] : [`variant    ${answer.variant}`]),
          `policy     ${answer.policy.allowed ? 'allows it' : 'refuses it'}`,
          ...answer.policy.refusals.map(({ policy, rule, message }) => `           ${policy}: ${rule}: ${message}`),
        ].join('\n'),
      )
    })
