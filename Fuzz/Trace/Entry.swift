import Glibc

/// The one program behind the fuzz targets of traces: the name it is called by says what it examines.
nonisolated(unsafe) private var traceSubject = TraceSubject.capture

@_cdecl("LLVMFuzzerInitialize")
public func initializeTrace(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let path = arguments.pointee.pointee.map { String(cString: $0) } ?? ""
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    guard let chosen = TraceSubject(rawValue: name) else {
        print("no subject is called \(name): \(TraceSubject.allCases.map(\.rawValue).joined(separator: " "))\n")
        exit(2)
    }
    traceSubject = chosen
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneTraceInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    traceSubject.examine(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
