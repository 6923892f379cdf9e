import { expect, test } from 'vitest'
import { notInvokedLine } from './not-invoked.ts'

test('what waits is told by its tokens, and what to do fits how it was asked', () => {
  const missing = [{ tokens: [3, 39], text: 'Check:' }]
  expect(notInvokedLine(missing, 'text')).toMatch(/waits for "Check:" as the tokens \[3, 39\]\. The tokens of the prompt are others: end the prompt with/)
  // Behind a message stands the template's own text: nobody can end a chat with the invocation.
  expect(notInvokedLine(missing, 'chat')).toMatch(/template writes it, are others: put that text on a line of its own into the last message/)
  expect(notInvokedLine([...missing, { tokens: [4], text: 'Q' }], 'chat')).toContain('[3, 39] and for "Q" as the tokens [4]')
})
