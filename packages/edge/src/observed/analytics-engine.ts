import type { SeeRequest } from './request-seen.ts'

/** A data point for each request: sampled by tenant, with what tells requests apart as blobs, and their times as doubles. */
export const analyticsEngine =
  (dataset: AnalyticsEngineDataset): SeeRequest =>
  ({ tenant = '', endpoint, method, route = '', status, code = '', ms }) =>
    dataset.writeDataPoint({ indexes: [tenant], blobs: [`${method} ${endpoint}`, route, String(status), code, tenant], doubles: [ms, 1] })
