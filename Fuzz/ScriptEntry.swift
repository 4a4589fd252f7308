/// Any bytes as a script: read, checked, repaired, linted, and, where it is good, compiled and run over a host that answers
/// nothing. Nothing of it may trap or go on for ever.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneScript(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let source = SourceText(name: "fuzz.cfg", bytes: Array(UnsafeBufferPointer(start: start, count: count)))
    let check = ScriptCheck(source)
    _ = check.text.utf8.count + check.json.utf8.count
    let again = ScriptCheck(SourceText(name: "repaired.cfg", bytes: Array(check.repaired.utf8)), lints: false)
    _ = again.isGood
    guard check.isGood else { return 0 }
    guard let program = Program<UncalledHost>(check.script) else {
        fatalError("a script without errors has no program")
    }
    for block in program.script.checked.blocks.indices {
        var run = program.run(BlockID(index: Int32(block)))
        var host = UncalledHost()
        _ = program.start(&run, &host)
    }
    return 0
}
