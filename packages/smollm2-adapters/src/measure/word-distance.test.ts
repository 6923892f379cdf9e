import { expect, test } from 'vitest'
import { wordDistance } from './word-distance.ts'

const author = Array.from({ length: 400 }, (_, i) => (Math.sin(i) > 0.2 ? 'the whale and the sea of ice' : 'and so the men of the sea went to it'))

test('an author is near himself, and one who uses other words is further', () => {
  const own = wordDistance(author.slice(0, 300).join(' '), author)
  expect(own).toBeLessThan(1)
  expect(wordDistance('you can do this and you can do that', author)).toBeGreaterThan(own + 1)
})
