import Testing

@testable import sipgrep

@Suite("Saving with rotation")
struct SavingTests {
    @Test("reads sizes and times with their units")
    func units() throws {
        var saving = Saving(path: "x.pcap")
        try saving.readRotation("filesize:10")
        #expect(saving.bytesPerFile == 10_240)
        try saving.readRotation("filesize:2M")
        #expect(saving.bytesPerFile == 2 << 20)
        try saving.readRotation("duration:15m")
        #expect(saving.timePerFile == 900_000_000_000)
        try saving.readRetention("files:3")
        try saving.readRetention("bytes:1G")
        try saving.readRetention("age:2h")
        #expect(saving.keepFiles == 3)
        #expect(saving.keepBytes == 1 << 30)
        #expect(saving.keepAge == 7_200_000_000_000)
    }

    @Test(
        "refuses what is no rule",
        arguments: ["", "files", "filesize:", "filesize:0", "filesize:-1", "size:3", "duration:x"])
    func refusals(text: String) {
        var saving = Saving(path: "x.pcap")
        #expect(throws: Failure.self) { try saving.readRotation(text) }
    }
}
