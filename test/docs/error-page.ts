import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../structure/sources.ts'
import { type ErrorCode, errorCodes } from './error-codes.ts'

export const errorPage = join(root, 'docs/reference/errors.md')

const cell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{', '&#123;').replaceAll('*', '\\*').replaceAll('_', '\\_')

const row = ({ code, status, fault, message }: ErrorCode): string =>
  `| \`${code}\` | ${status.replace('exit ', '')} | ${fault === 'caller' ? 'yours' : 'ours'} | ${cell(message)} |`

const table = (codes: readonly ErrorCode[], status: string): string =>
  [`| code | ${status} | whose fault | what it says |`, '|---|---|---|---|', ...codes.map(row)].join('\n')

const ofCommand = ({ status }: ErrorCode): boolean => status.startsWith('exit')

/** The tables of the page, between its two marks, as the source has the codes now. */
export function errorPageNow(): string {
  const codes = errorCodes()
  const [before, rest] = readFileSync(errorPage, 'utf8').split('<!-- made by: npm run docs -- --errors -->\n')
  const after = rest!.split('<!-- end -->')[1]!
  const made = [
    '## Answers and files',
    table(
      codes.filter((each) => !ofCommand(each)),
      'status',
    ),
    '## Commands',
    table(codes.filter(ofCommand), 'exit code'),
  ]
  return `${before}<!-- made by: npm run docs -- --errors -->\n\n${made.join('\n\n')}\n\n<!-- end -->${after}`
}
