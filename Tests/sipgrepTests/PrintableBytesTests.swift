import Testing

@testable import sipgrep

@Suite("Bytes on a terminal")
struct PrintableBytesTests {
    private func map(_ bytes: [UInt8], keepingLF: Bool) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: bytes.count)
        bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                PrintableBytes.map(from, bytes.count, to: to, keepingLF: keepingLF, other: 0x2E)
            }
        }
        return output
    }

    @Test("stay when they are printable ASCII and become dots when not", arguments: [true, false])
    func everyByte(keepingLF: Bool) {
        // More than once, so that every lane of the vector loop and its tail see every byte.
        let bytes = (0..<3).flatMap { _ in (0...255).map { UInt8($0) } } + [0x1B, 0x41]
        let expected = bytes.map { byte -> UInt8 in
            (0x20...0x7E).contains(byte) || keepingLF && byte == 0x0A ? byte : 0x2E
        }
        #expect(self.map(bytes, keepingLF: keepingLF) == expected)
    }
}
