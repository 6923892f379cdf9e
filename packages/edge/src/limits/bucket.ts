/**
 * A token bucket: full at the start, filled evenly, a minute from empty to full. What was spent beyond it is a debt that is filled up first.
 * Times are in milliseconds since 1970.
 */
export interface Bucket {
  level: number
  at: number
}

const MINUTE_MS = 60_000

/** As it is at `now`. */
export const filled = (bucket: Bucket | undefined, capacity: number, now: number): Bucket => ({
  level: bucket ? Math.min(capacity, bucket.level + (Math.max(0, now - bucket.at) * capacity) / MINUTE_MS) : capacity,
  at: now,
})

/** Milliseconds until it holds `level`. */
export const waitFor = ({ level: held }: Bucket, level: number, capacity: number): number => Math.max(0, Math.ceil(((level - held) * MINUTE_MS) / capacity))
