import Testing

@testable import miniproxy

@Suite("A batch")
struct BatchTests {
    @Test("keeps what was put in, in order, also when it has to grow, and is empty after clearing")
    func growsAndClears() {
        var batch = Batch<Int>(capacity: 4)
        #expect(Array(batch.elements) == [])
        for number in 0..<1_000 { batch.append(number) }
        #expect(Array(batch.elements) == Array(0..<1_000))
        batch.clear()
        #expect(Array(batch.elements) == [])
        batch.append(7)
        #expect(Array(batch.elements) == [7])
    }
}
