import SIPKit
import Testing

@testable import SIPNet

@Suite("The resolver, with a name server on loopback")
struct ResolverTests {
    private func answers(_ resolver: Resolver, _ loop: EventLoop, count: Int) -> [UInt64: Resolution] {
        var all: [UInt64: Resolution] = [:]
        loop.waits {
            for (number, resolution) in resolver.takeAnswers() { all[number] = resolution }
            return all.count >= count
        }
        return all
    }

    @Test("a name server that never answers holds up only who asks it")
    func silence() throws {
        // A socket that nobody reads.
        let deaf = try UDPEndpoint(bind: SocketAddress(.loopbackV4, 0))
        let loop = try EventLoop()
        var options = Resolver.Options()
        options.servers = [deaf.localAddress]
        options.timeout = .milliseconds(50)
        let resolver = Resolver(options) { [waker = loop.waker] in waker.wake() }

        resolver.ask(1, ResolverRequest(host: Array("nowhere.example".utf8), port: 5060))
        resolver.ask(2, ResolverRequest(host: Array("192.0.2.1".utf8)))
        let first = self.answers(resolver, loop, count: 1)
        #expect(
            first[2]?.targets.first?.address == SocketAddress("192.0.2.1:5060"), "what needs no name is there at once")
        let second = self.answers(resolver, loop, count: 1)
        #expect(second[1]?.failure == "A nowhere.example: no answer from the name server")
    }

    @Test("the file of hosts comes first")
    func hosts() throws {
        let loop = try EventLoop()
        let resolver = Resolver { [waker = loop.waker] in waker.wake() }
        resolver.ask(7, ResolverRequest(host: Array("LOCALHOST".utf8), port: 5060, families: [.v4]))
        let found = self.answers(resolver, loop, count: 1)
        #expect(found[7]?.targets.first?.address == SocketAddress("127.0.0.1:5060"))
        #expect(
            resolver.known(
                ResolverRequest(host: Array("localhost".utf8), port: 5060, families: [.v4]), now: SystemClock().now())?
                .targets.count == 1, "and is remembered")
    }
}
