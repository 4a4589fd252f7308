/// The two names of swift-crypto that SIPKit's Digest uses, so that a fuzz build needs one compiler run and every line
/// of the library is instrumented. What is fuzzed are the readers; the digests here are no digests.
public enum Insecure {
    public enum MD5 {
        public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 16) }
    }
}

public enum SHA256 {
    public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 32) }
}

private func fold<Bytes: Sequence>(_ data: Bytes, _ size: Int) -> [UInt8] where Bytes.Element == UInt8 {
    var output = [UInt8](repeating: 0x5A, count: size)
    for (place, byte) in data.enumerated() { output[place % size] = output[place % size] &* 31 &+ byte }
    return output
}
