import { expect } from 'vitest'

/** An error with this code whose message says all of these. */
export const refused = (code: string, ...said: (string | RegExp)[]) =>
  expect.objectContaining({
    code,
    message: expect.toSatisfy(
      (text: string) => said.every((part) => (typeof part === 'string' ? text.includes(part) : part.test(text))),
      `says ${said.join(', ')}`,
    ),
  })
