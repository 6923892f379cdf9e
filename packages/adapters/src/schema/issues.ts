import { config } from 'zod/v4/core'
import en from 'zod/v4/locales/en.js'
import { snakeCase } from './case.ts'

// zod/mini carries no messages of its own; one language is enough for a protocol.
config(en())

/** One thing wrong with a value: where (spelled as on the wire) and what. */
export interface Issue {
  param: string
  message: string
}

interface RawIssue {
  path: readonly PropertyKey[]
  message: string
  code?: string
  keys?: readonly string[]
}

/** zod's issues with paths as the wire spells them: `hyperparameters.batch_size`, `messages[2].content`. */
export function describeIssues(issues: readonly RawIssue[], root = ''): Issue[] {
  return issues.map((issue) => {
    const path = issue.path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${snakeCase(String(key))}` : snakeCase(String(key))),
      root,
    )
    if (issue.code === 'unrecognized_keys' && issue.keys?.length) {
      const keys = issue.keys.map(snakeCase)
      return {
        param: path ? `${path}.${keys[0]}` : keys[0],
        message: `unknown ${keys.length > 1 ? 'fields' : 'field'} ${keys.map((key) => `"${key}"`).join(', ')}`,
      }
    }
    return { param: path, message: issue.message }
  })
}
