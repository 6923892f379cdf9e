/**
 * What a principal is for. `admin`: all of its tenant, with keys and the audit log. `publisher`: adapters, routes and calibrations. `trainer`: files
 * and jobs, and what these publish. `caller`: inference and what it needs to be known.
 */
export const roles = ['admin', 'publisher', 'trainer', 'caller'] as const
export type Role = (typeof roles)[number]
