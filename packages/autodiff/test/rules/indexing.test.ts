import { testOps } from '@weft/test/cases/op'
import { indexingCases } from '@weft/test/cases/ops/indexing'

testOps('indexing', indexingCases)
