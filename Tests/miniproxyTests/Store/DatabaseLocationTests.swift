import Testing

@testable import miniproxy

@Suite("The URL of a database")
struct DatabaseLocationTests {
    @Test("names a server with user, password, host, port and database")
    func server() throws {
        let location = try DatabaseLocation(url: "mysql://ser:he%40slo@db.example:3307/ser")
        #expect(
            location
                == .server(
                    .init(host: "db.example", port: 3307, socket: nil, user: "ser", password: "he@slo", name: "ser")))
        #expect("\(location)" == "mysql://ser@db.example:3307/ser", "without the password: it goes into logs")
    }

    @Test("may have a password with an @, an IPv6 address, a socket")
    func forms() throws {
        #expect(
            try DatabaseLocation(url: "mysql://a:b@c@[::1]/d")
                == .server(.init(host: "::1", port: 3306, socket: nil, user: "a", password: "b@c", name: "d")))
        #expect(
            try DatabaseLocation(url: "mysql://a@/d?socket=/run/x")
                == .server(.init(host: "localhost", port: 3306, socket: "/run/x", user: "a", password: "", name: "d")))
        #expect(try DatabaseLocation(url: "sqlite:///var/lib/ser.db") == .file("/var/lib/ser.db"))
        #expect(try DatabaseLocation(url: "memory:") == .memory)
    }

    @Test(
        "that cannot be used is refused with what to do",
        arguments: ["ser.db", "postgres://a@b/c", "mysql://a@b", "mysql://a@b/", "mysql://a@b:99999/c", "sqlite://"])
    func refused(_ url: String) {
        let error = #expect(throws: StoreError.self) { try DatabaseLocation(url: url) }
        #expect(error?.kind == .misconfigured)
    }

    @Test("has a name that all URLs of one database share")
    func name() {
        for url in ["mysql://ser:heslo@localhost/ser", "mysql://serro:47serro11@localhost/ser", "text:///etc/ser"] {
            #expect(DatabaseLocation.logicalName(ofURL: url) == "ser")
        }
    }
}
