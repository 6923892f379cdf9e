import { testOps } from '@weft/test/cases/op'
import { selectCases } from '@weft/test/cases/ops/select'

testOps('select', selectCases)
