// swift-tools-version: 6.2
import PackageDescription

/// Every target: language mode 6, and the views (`~Escapable`) that read a message where it lies.
let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableExperimentalFeature("Lifetimes"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["SIPKIT_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// Streams are SwiftNIO's: TCP, TLS, WebSocket. Datagrams are our own (docs/decisions/0001).
let streams: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOWebSocket", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
    name: "sipkit",
    products: [
        .library(name: "SIPKit", targets: ["SIPKit", "SIPNet", "SIPTrace"]),
        // The pure part alone, for those who bring their own sockets: no libpcap, no c-ares.
        .library(name: "SIPKitCore", targets: ["SIPKit"]),
        .executable(name: "sipsak", targets: ["sipsak"]),
        .executable(name: "sipgrep", targets: ["sipgrep"]),
        .executable(name: "harv", targets: ["harv"]),
        .executable(name: "miniproxy", targets: ["miniproxy"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // The library: values in, values out; then sockets; then captures.
        .target(
            name: "SIPKit", dependencies: ["CBytes", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(
            name: "SIPNet", dependencies: ["SIPKit", "CSockets", "CCares"] + streams, swiftSettings: settings),
        .target(
            name: "SIPTrace",
            dependencies: [
                "SIPKit", "CBytes", "CPcap", "CZlib", "CZstd", "CLzma",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ], swiftSettings: settings),
        .target(name: "SIPPattern", dependencies: ["CPCRE2"], swiftSettings: settings),

        // C: what Swift's vectors and Glibc's module lack, and the system's libraries.
        .target(name: "CBytes"),
        .target(name: "CSockets"),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CCares", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
        .systemLibrary(name: "CNcurses", pkgConfig: "ncursesw", providers: [.apt(["libncurses-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The tools.
        .executableTarget(
            name: "sipsak",
            dependencies: ["SIPKit", "SIPNet", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .executableTarget(
            name: "sipgrep",
            dependencies: [
                "SIPKit", "SIPTrace", "SIPPattern", "CNcurses", argumentParser,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "harv", dependencies: ["SIPKit", "SIPTrace", argumentParser], swiftSettings: settings),
        .executableTarget(
            name: "miniproxy",
            dependencies: [
                "SIPKit", "SIPNet", "CExpat", "CPCRE2", "CMariaDB", argumentParser,
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),

        // Tests mirror the sources.
        .testTarget(name: "SIPKitTests", dependencies: ["SIPKit"], swiftSettings: settings),
        .testTarget(name: "SIPNetTests", dependencies: ["SIPKit", "SIPNet", "CSockets"], swiftSettings: settings),
        .testTarget(
            name: "SIPTraceTests", dependencies: ["SIPKit", "SIPTrace"], exclude: ["Inputs"], swiftSettings: settings),
        .testTarget(name: "sipsakTests", dependencies: ["sipsak", "SIPKit", "SIPNet"], swiftSettings: settings),
        .testTarget(name: "SIPPatternTests", dependencies: ["SIPPattern"], swiftSettings: settings),
        .testTarget(
            name: "sipgrepTests", dependencies: ["sipgrep", "SIPKit", "SIPTrace", "SIPPattern"], swiftSettings: settings
        ),
        .testTarget(name: "harvTests", dependencies: ["harv", "SIPKit", "SIPTrace"], swiftSettings: settings),
        .testTarget(
            name: "miniproxyTests", dependencies: ["miniproxy", "SIPKit", "SIPNet", "SIPKitProperties"],
            exclude: ["Scripts"],
            swiftSettings: settings),
        // What must hold whatever the bytes are: for the two suites below and for Fuzz/.
        .target(
            name: "SIPKitProperties", dependencies: ["SIPKit"], path: "Tests/SIPKitProperties", swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests", dependencies: ["SIPKit", "SIPKitProperties"], swiftSettings: settings),
        .testTarget(
            name: "RegressionTests", dependencies: ["SIPKitProperties"], exclude: ["Inputs"], swiftSettings: settings),
    ]
)

// `SIPKIT_ONLY=harv,SIPTrace swift build --build-tests` builds these targets, their tests and what they stand on: a quick
// loop for who works on one of them.
if let only = Context.environment["SIPKIT_ONLY"] {
    var wanted = Set(only.split(separator: ",").flatMap { [String($0), "\($0)Tests"] })
    var found = -1
    while found != wanted.count {
        found = wanted.count
        for target in package.targets where wanted.contains(target.name) {
            for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
        }
    }
    package.targets.removeAll { !wanted.contains($0.name) }
    package.products.removeAll { !($0 is Product.Executable && wanted.contains($0.name)) }
}
