import Glibc

/// The program behind the fuzz targets of text readers: the name it is called by is the format that it reads.
nonisolated(unsafe) private var format = TextFormat.ngrep

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let path = arguments.pointee.pointee.map { String(cString: $0) } ?? ""
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    guard let chosen = TextFormat(rawValue: name) else {
        print("no format is called \(name): \(TextFormat.allCases.map(\.rawValue).joined(separator: " "))\n")
        exit(2)
    }
    format = chosen
    return 0
}

/// Whatever the bytes are: no trap, an end, and no more text than came in (a line of NDJSON makes a message of its own).
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    _ = TextFormat.recognise(bytes)
    var reader = TextTraceReader(
        TextSource(bytes: bytes), format: format, context: TextContext(year: 2026, head: bytes))
    var (blocks, text) = (0, 0)
    while reader.next() {
        blocks += 1
        if reader.kind == .message { text += reader.payload.count }
        guard blocks <= count + 1 else { fatalError("more blocks than bytes") }
    }
    guard text <= 4 * count + 600 * blocks else { fatalError("\(text) bytes of messages out of \(count)") }
    return 0
}
