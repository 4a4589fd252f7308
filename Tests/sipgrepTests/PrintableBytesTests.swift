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
        let all: [UInt8] = Array(0...255)
        let bytes: [UInt8] = all + all + all + [0x1B, 0x41]
        let expected: [UInt8] = bytes.map { byte in
            let stays = (byte >= 0x20 && byte <= 0x7E) || (keepingLF && byte == 0x0A)
            return stays ? byte : 0x2E
        }
        #expect(self.map(bytes, keepingLF: keepingLF) == expected)
    }
}
