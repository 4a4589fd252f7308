import Glibc

/// The one program behind every fuzz target: the name it is called by says what it examines.
nonisolated(unsafe) private var subject = Subject.message

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let path = arguments.pointee.pointee.map { String(cString: $0) } ?? ""
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    guard let chosen = Subject(rawValue: name) else {
        print("no subject is called \(name): \(Subject.allCases.map(\.rawValue).joined(separator: " "))\n")
        exit(2)
    }
    subject = chosen
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try subject.examine(bytes)
    } catch {
        fatalError(error.description)
    }
    return 0
}
