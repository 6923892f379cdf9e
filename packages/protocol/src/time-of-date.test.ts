import { expect, test } from 'vitest'
import { timeOfDate } from './time-of-date.ts'

test('a day begins in UTC, and a moment is its own', () => {
  expect(timeOfDate('2027-06-30')).toBe(Date.UTC(2027, 5, 30))
  expect(timeOfDate('2028-02-29')).toBe(Date.UTC(2028, 1, 29))
  expect(timeOfDate('2027-06-30T12:30:00Z')).toBe(Date.UTC(2027, 5, 30, 12, 30))
})

test.each(['2027-02-30', '2027-02-29', '2027-13-01', '2027-00-10', '2027-02-30T12:00:00Z', '2027-06-30T24:00:00Z', '1', '12/12/30', '2027', '2027-6-3', ''])(
  '"%s" is no date, and becomes no other',
  (text) => {
    expect(timeOfDate(text)).toBeUndefined()
  },
)
