/** What a run found. */
export interface FuzzReport {
  kind: string
  sent: number
  byStatus: Record<number, number>
  /** Answers of the server's own fault, and requests without an answer: the first twenty, each with what was sent. */
  failures: { request: string; answer: string }[]
  failed: number
}

export const emptyReport = (kind: string): FuzzReport => ({ kind, sent: 0, byStatus: {}, failures: [], failed: 0 })

export function count(report: FuzzReport, status: number): void {
  report.sent++
  report.byStatus[status] = (report.byStatus[status] ?? 0) + 1
}

export function fail(report: FuzzReport, request: string, answer: string): void {
  report.failed++
  if (report.failures.length < 20) report.failures.push({ request: request.slice(0, 2000), answer: answer.slice(0, 600) })
}
