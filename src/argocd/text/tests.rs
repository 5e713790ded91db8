use super::*;
use crate::argocd::parameters::{Generator, Origin};

fn parameter(data: Data) -> Parameter {
    Parameter { data, origin: Origin { generator: Generator::List, place: None } }
}

fn map<const N: usize>(pairs: [(&str, Data); N]) -> Parameters {
    pairs.into_iter().map(|(name, data)| (Arc::from(name), parameter(data))).collect()
}

#[test]
fn what_is_put_together_is_what_is_executed() {
    let text = |text: &str| Data::Text(text.into());
    let sets = [
        map([
            ("a", text("x")),
            ("m", Data::Map(Values::Any, Arc::new(map([("b", text("y")), ("n", Data::Float(1.5))])))),
            ("l", Data::List(Items::Texts, Arc::from([parameter(text("first")), parameter(text(""))]))),
        ]),
        map([("a", Data::Null), ("m", text("no map")), ("l", Data::Bool(true))]),
        map([("a", Data::Int(3)), ("m", Data::Map(Values::Texts, Arc::new(map([("b", text("é"))]))))]),
        map([("b", text("another"))]),
    ];
    let options = ["missingkey=invalid", "missingkey=zero", "missingkey=error"];
    for option in options {
        let mut renderer = Renderer::new(Mode::Go(Options::new([option])), Profile::default());
        for template in [
            "{{ .a }}",
            "{{ $.a }}-{{.a}}",
            "p/{{ .m.b }}",
            "{{ .m.n }}",
            "{{ .m.none }}",
            "{{ index .l 0 }} {{ index .l 1 }}",
            "{{ index .l 2 }}",
            "{{ index .m \"b\" }}",
            "{{ index .m \"none\" }}",
            "{{ index .m 0 }}",
            "{{ index .l \"0\" }}",
            "{{ .l.b }}",
            "{{ .a.b }}",
        ] {
            let template = renderer.parse(&Arc::from(template));
            let converted = RefCell::default();
            // Twice each, so that what is kept of one set meets the others.
            for set in sets.iter().chain(&sets) {
                let shared = template.render(&Scope::sharing(set, &converted));
                assert_eq!(shared, template.render(&Scope::new(set)), "{template:?} {set:?} {option}");
            }
        }
    }
}
