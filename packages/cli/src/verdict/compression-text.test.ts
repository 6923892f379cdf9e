import { expect, test } from 'vitest'
import { compressionText } from './compression-text.ts'

const job = { id: 'texts/manual@1', callable: 'texts/manual' }
const whole = { document_tokens: 12, tokens: 12, parts: 1, error: 0 }

test('a self-study that is left out, since the document is kept whole, is told', () => {
  expect(compressionText(job, 1e6, whole, 5).split('\n')).toEqual([
    'texts/manual@1 is published: 12 keys for 12 tokens, 1.0 MB.',
    '  It has no more tokens than were asked for: the prefix is the document itself, exactly.',
    '  Self-study was left out: what is kept whole has nothing to learn from itself.',
    'Try: npx weft run "base + texts/manual" "…"',
  ])
  expect(compressionText(job, 1e6, whole)).not.toContain('Self-study')
})

test('one that took place is told by what it came to', () => {
  const text = compressionText(job, 1e6, { document_tokens: 120, tokens: 12, error: 0.1, divergence_before: 0.5, divergence: 0.25 }, 5)
  expect(text).toContain('  By self-study, what is predicted behind it differs by 0.250 nats')
  expect(text).not.toContain('left out')
})
