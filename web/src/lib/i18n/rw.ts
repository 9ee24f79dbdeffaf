import type { Problems } from "./problem";
import { feedback } from "./feedback/rw";
import { library } from "./library/rw";
import { people } from "./people/rw";
import { tutors } from "./tutors/rw";
import type { Dictionary } from "./translate";

export const dictionary: Dictionary = {
  ...feedback,
  ...library,
  ...people,
  ...tutors,
  "action.close": "Funga",
  "action.delete": "Siba",
  "action.keep": "Bireke",
  "action.more": "Erekana ibindi",

  "nav.label": "Ahabanza",
  "nav.skip": "Jya ku bikubiyemo",
  "leave.title": "Usohoke utabitse?",
  "leave.text": "Ibyo wahinduye hano ntibirabikwa.",
  "leave.go": "Sohoka",
  "leave.stay": "Guma hano",
  "nav.ask": "Baza",
  "nav.material": "Imfashanyigisho",

  "settings.open": "Ururimi n'imigaragarire",
  "settings.title": "Ururimi n'imigaragarire",
  "settings.language": "Ururimi",
  "settings.theme": "Imigaragarire",
  "settings.theme.auto": "Nk'iya tabuleti",
  "settings.theme.light": "Urumuri",
  "settings.theme.dark": "Umwijima",

  "state.loading": "Tegereza gato…",
  "connection.lost": "Agasanduku ntigasubiza.",
  "connection.hint": "Reba niba iyi tabuleti iri kuri Wi-Fi y'ishuri. Turakomeza kugerageza.",
  "broken.title": "Uru rupapuro ntirwafungutse",
  "broken.text": "Hari ikitagenze neza ubwo rwafungukaga.",
  "broken.action": "Ongera urufungure",
  "missing.title": "Urupapuro nk'uru ntiruhari",
  "missing.text": "Birashoboka ko aderesi yanditse nabi.",
  "missing.action": "Jya ahatangirirwa",

  "time.soon": "biri hafi kurangira",
  "time.left": "hasigaye {time}",
  "time.seconds": { one: "hafi isegonda {count}", other: "hafi amasegonda {count}" },
  "time.minutes": { one: "hafi umunota {count}", other: "hafi iminota {count}" },
  "time.hours": { one: "hafi isaha {count}", other: "hafi amasaha {count}" },

  "place.page": "urupapuro {number}",
  "place.chapter": "igice {number}",
  "place.slide": "silayidi {number}",
  "place.sheet": "urupapuro {name}",

  "kind.pdf": "PDF",
  "kind.document": "Inyandiko",
  "kind.slides": "Silayidi",
  "kind.sheet": "Imbonerahamwe",
  "kind.book": "Igitabo",
  "kind.page": "Urupapuro rwa interineti",
  "kind.text": "Umwandiko",
  "kind.image": "Ifoto",
  "kind.audio": "Amajwi",
  "kind.video": "Videwo",
  "place.article": "inyandiko {name}",
  "kind.archive": "Inkoranyabumenyi",
  "facts.articles": { one: "inyandiko {count}", other: "inyandiko {count}" },
  "status.choosing": "Itegereje guhitamo",
  "archive.choose": "Hitamo ibyinjizwa",
  "archive.choose_of": "Hitamo ibyinjizwa byo muri {title}",
  "archive.title": "Ni ibiki byinjizwa?",
  "archive.holds": "Inyandiko {articles}, amafoto {pictures}, {size}. Hinjizwa amagambo y’inyandiko gusa.",
  "archive.by": "Byakozwe na {name}",
  "archive.licence": "Uruhushya: {name}",
  "archive.what": "Injiza",
  "archive.whole": "Inyandiko zose",
  "archive.category": "Icyiciro kimwe",
  "archive.prefix": "Imitwe itangirwa na …",
  "archive.first": "Iza mbere …",
  "archive.category_name": "Icyiciro",
  "archive.prefix_text": "Intangiriro y’umutwe",
  "archive.first_number": "Umubare w’inyandiko",
  "archive.cost":
    "Inyandiko {articles}: hafi {size} kuri disiki. Amagambo yazo ashakishwa nyuma ya {text}, igisobanuro nyuma ya {meaning} igihe nta wubaza.",
  "archive.no_room": "Agasanduku gasigaranye {size} gusa. Hitamo igice gito.",
  "archive.nothing": "Nta nyandiko imeze ityo.",
  "archive.count": "Reba icyo bisaba",
  "archive.take": "Injiza",
  "archive.vectors": "Ibice {done} kuri {total} biboneka ku gisobanuro; byose biboneka ku magambo",
  "facts.pages": { one: "urupapuro {count}", other: "impapuro {count}" },
  "facts.slides": { one: "silayidi {count}", other: "silayidi {count}" },
  "facts.sheets": { one: "urupapuro {count}", other: "impapuro {count}" },

  "status.queued": "Birategereje",
  "status.processing": "Birasomwa",
  "status.ready": "Byarangiye",
  "status.failed": "Ntibyasomwe",
  "status.cancelled": "Byahagaritswe",
  "step.queued": "Birategereje ko bigerwaho",
  "step.reading": "Umwandiko urasomwa",
  "step.transcribing": "Ibivugwa birandikwa",
  "step.indexing": "Birategurwa ngo bishakishwe",

  "material.title": "Imfashanyigisho",
  "material.intro": "Ibitabo, inyandiko n'amajwi mwarimu w'ikoranabuhanga ashingiraho asubiza.",
  "material.list": "Imfashanyigisho ziri muri aka gasanduku",
  "material.search": "Shakisha ukoresheje izina",
  "material.filter": "Erekana",
  "material.all": "Byose",
  "material.count": { one: "imfashanyigisho {count}", other: "imfashanyigisho {count}" },
  "material.none": "Nta kirashyirwamo",
  "material.none_text":
    "Ongeramo isomo: PDF, dosiye ya Word, silayidi, amajwi cyangwa videwo. Abanyeshuri bashobora kuribazaho rikimara gutegurwa.",
  "material.none_found": "Nta kibonetse",
  "material.none_found_text": "Gerageza amagambo make cyangwa andi, cyangwa werekane byose.",
  "material.progress": "Aho {title} igeze",
  "material.retry": "Ongera ugerageze",
  "material.cancel": "Hagarika gusoma {title}",
  "material.delete": "Siba {title}",
  "material.delete_title": "Usibe iyi mfashanyigisho?",
  "material.delete_text":
    "Dosiye n'ibyasomwe muri yo byose bivanwa mu gasanduku. Mwarimu w'ikoranabuhanga ntazongera kuyishingiraho asubiza. Ibi ntibisubirwaho.",
  "material.deleted": "{title} yasibwe.",

  "upload.title": "Ongeramo imfashanyigisho",
  "upload.choose": "Hitamo dosiye",
  "upload.drop": "Cyangwa ukurure dosiye n'ububiko ubishyire hano.",
  "upload.kinds": "PDF, Word, PowerPoint, Excel, EPUB, amafoto, amajwi na videwo.",
  "upload.begun": { one: "Dosiye {count} irimo koherezwa.", other: "Dosiye {count} zirimo koherezwa." },
  "upload.waiting": "Itegereje koherezwa",
  "upload.sending": "Irimo koherezwa: {percent} % bya {size}",
  "upload.storing": "Agasanduku karimo kuyibika",
  "upload.added": "Yongewemo. Agasanduku karimo kuyisoma.",
  "upload.existed": "Isanzwe irimo: agasanduku gafite iyi dosiye. Nta cyongewemo.",
  "upload.progress": "{name} irimo koherezwa",
  "upload.retry": "Ongera wohereze {name}",
  "upload.cancel": "Hagarika kohereza {name}",
  "upload.dismiss": "Kura {name} kuri uru rutonde",
  "upload.clear": "Sukura uru rutonde",

  "conversations.title": "Ibiganiro",
  "conversations.new": "Ikiganiro gishya",
  "conversations.search": "Shakisha mu biganiro",
  "conversations.none": "Ibyo ubaza bibikwa hano.",
  "conversations.none_found": "Nta kiganiro kirimo aya magambo.",
  "conversations.gone": "Iki kiganiro cyarasibwe.",
  "conversations.delete": "Siba ikiganiro “{title}”",
  "conversations.delete_title": "Usibe iki kiganiro?",
  "conversations.delete_text": "Ibibazo n'ibisubizo byacyo bivanwa mu gasanduku. Ibi ntibisubirwaho.",
  "conversations.deleted": "Ikiganiro cyasibwe.",

  "ask.conversation": "Ikiganiro",
  "ask.label": "Ikibazo cyawe",
  "ask.placeholder": "Baza ku masomo yawe",
  "ask.note": "Byanditswe na mudasobwa. Bigenzure aho byavuye.",
  "ask.send": "Baza",
  "ask.stop": "Hagarika igisubizo",
  "ask.you_asked": "Wabajije:",
  "ask.sending": "Ikibazo cyawe kirimo koherezwa",
  "ask.searching": "Turashakisha mu mfashanyigisho zanyu",
  "ask.reading": "Turasoma ibyabonetse",
  "ask.queue": { one: "Ikibazo {count} ni cyo kibanza gusubizwa.", other: "Ibibazo {count} ni byo bibanza gusubizwa." },
  "ask.queue_time": "Tegereza {time}.",
  "ask.queue_soon": "Ugiye kugerwaho.",
  "ask.again": "Ongera ubaze",
  "ask.stopped": "Igisubizo cyahagaritswe.",
  "ask.unanswered": "Iki kibazo ntikirasubizwa.",
  "ask.to_newest": "Jya ku giheruka",

  "answer.ready": "Igisubizo:",
  "answer.passages_title": "Bivuye mu mfashanyigisho zanyu",
  "answer.passages_text":
    "Mwarimu w'ikoranabuhanga nta gisubizo yiyandikiye. Ibi bice ni byo bihuye cyane n'ikibazo cyawe.",
  "answer.not_found_title": "Ntibiri mu mfashanyigisho zanyu",

  "guide.try": "Ibyo nagerageje",
  "guide.send": "Ohereza ibyo nagerageje",
  "guide.tried": "Nagerageje: {attempt}",

  "sources.title": "Ibyabonetse mu mfashanyigisho zanyu",
  "sources.found": { one: "Habonetse igice {count}.", other: "Habonetse ibice {count}." },
  "sources.words": "Amagambo",
  "sources.number": "Inkomoko",
  "sources.open": "Inkomoko {number}: {where}",

  "welcome.title": "Ni iki wifuza kumenya?",
  "welcome.text":
    "Mwarimu w'ikoranabuhanga asubiza ashingiye ku mfashanyigisho z'abarimu banyu, akerekana urupapuro cyangwa umunota igisubizo cyavuyemo.",
  "welcome.material": { one: "Imfashanyigisho {count} wabazaho", other: "Imfashanyigisho {count} wabazaho" },
  "welcome.all": "Reba imfashanyigisho zose",
  "welcome.empty_title": "Nta mfashanyigisho zirimo",
  "welcome.empty_text": "Umwarimu namara kongeramo igitabo, inyandiko cyangwa amajwi, uzabasha kubibazaho hano.",
  "welcome.add": "Ongeramo imfashanyigisho",

  "viewer.back": "Subira inyuma",
  "viewer.download": "Bika dosiye kuri iyi tabuleti",
  "viewer.to_list": "Reba imfashanyigisho zose",
  "viewer.cited": "Igice",
  "viewer.to_passage": "Subira ku {where}",
  "viewer.not_ready": "Ntibiratungana",
  "viewer.not_ready_text": "Agasanduku ntikararangiza gusoma iyi. Reba mu Mfashanyigisho aho igeze.",
  "reader.earlier": "Erekana ibibanza",
  "reader.later": "Erekana ibikurikira",
  "pdf.toolbar": "Impapuro n'ingano",
  "pdf.page": "Urupapuro",
  "pdf.page_of": "{title}, urupapuro {page} muri {pages}",
  "pdf.previous": "Urupapuro rubanza",
  "pdf.next": "Urupapuro rukurikira",
  "pdf.zoom_in": "Ongera ingano",
  "pdf.zoom_out": "Gabanya ingano",
  "pdf.failed": "Iyi PDF ntishobora kwerekanwa hano.",
  "pdf.failed_hint": "Bika dosiye uyifungure mu yindi porogaramu.",
  "pdf.page_failed": "Uru rupapuro ntirushobora kwerekanwa.",
  "media.play": "Kina uhereye kuri",
  "media.play_from": "Kina uhereye kuri {time}",
  "media.transcript": "Ibivugwa",
  "media.failed": "Iyi tabuleti ntishobora gukina aya majwi.",
  "media.failed_hint": "Soma hasi ibivugwa, cyangwa ubike dosiye uyifungure mu yindi porogaramu.",
};

export const problems: Problems = {
  problems: {
    unreachable: {
      message: "Agasanduku ntigasubiza.",
      hint: "Reba niba tabuleti iri kuri Wi-Fi y'ishuri kandi agasanduku kaka.",
    },
    internal: {
      message: "Hari ikitagenze neza mu gasanduku.",
      hint: "Ongera ugerageze. Nibyongera, koresha igenzura ry'agasanduku (bwenge doctor).",
    },
    file_empty: { message: "Iyi dosiye nta kirimo.", hint: "Ongera uyikoporore aho yavuye." },
    unsupported_type: {
      message: "Agasanduku ntikabasha gusoma ubu bwoko bwa dosiye.",
      hint: "Yibike nka PDF, DOCX, PPTX, EPUB cyangwa umwandiko, cyangwa nk'amajwi ya MP3 cyangwa MP4.",
    },
    old_format: {
      message: "Iyi ni dosiye ya {format}, agasanduku ntikabasha kuyisoma.",
      hint: "Yifungure kuri mudasobwa, hitamo “Save as”, uhitemo {save_as}, maze wongeremo dosiye nshya.",
    },
    password: {
      message: "Iyi dosiye irinzwe n'ijambobanga.",
      hint: "Yifungurishe ijambobanga ryayo, ubike kopi idafite ijambobanga, maze wongeremo iyo kopi.",
    },
    copy_protected: {
      message: "Iki gitabo kirinzwe ngo kidakopororwa (DRM), ku buryo umwandiko wacyo ufunze.",
      hint: "Saba uwagisohoye kopi itarinzwe.",
    },
    damaged: {
      message: "Iyi dosiye yarangiritse cyangwa ntiyakoporowe yose.",
      hint: "Ongera uyikoporore aho yavuye, cyangwa uyifungure kuri mudasobwa wongere uyibike.",
    },
    no_text: {
      message: "Nta mwandiko wabonetse muri iyi dosiye.",
      hint: "Niba irimo impapuro zafotowe, ongera uzifotore ahari urumuri ruhagije, kuri dpi 300.",
    },
    not_text: {
      message: "Iyi dosiye irimo amakuru atari umwandiko.",
      hint: "Yifungure muri porogaramu yayo uyibike nka PDF.",
    },
    too_complex: {
      message: "Iyi dosiye ifunguwe irengeje kure ingano y'inyandiko isanzwe, ni yo mpamvu itasomwe.",
      hint: "Niba uyizeye, yifungure kuri mudasobwa uyibike nka PDF.",
    },
    image_too_large: {
      message: "Iyi foto ni nini cyane ku buryo itasomwa (utudomo {width} × {height}).",
      hint: "Yigabanye ntirenze utudomo 8000 mu bugari no mu burebure, wongere uyishyiremo.",
    },
    too_much_memory: {
      message: "Iyi dosiye ntiyashoboye gusomwa: isaba ububiko bwinshi cyane.",
      hint: "Yigabanyemo dosiye nto, cyangwa uyifungure kuri mudasobwa uyibike nka PDF.",
    },
    too_slow: {
      message: "Iyi dosiye ntiyashoboye gusomwa: bifata igihe kirekire cyane.",
      hint: "Yigabanyemo dosiye nto, cyangwa uyifungure kuri mudasobwa uyibike nka PDF.",
    },
    reader_failed: {
      message: "Iyi dosiye ntiyashoboye gusomwa: hari ikiyirimo kibuza gusoma.",
      hint: "Yifungure kuri mudasobwa, wongere uyibike nka PDF, maze ushyiremo iyo.",
    },
    no_sound: { message: "Aya majwi nta jwi arimo.", hint: "Reba niba mikoro yari ifunguye ubwo yafatwaga." },
    too_short: {
      message: "Aya majwi ni magufi cyane ku buryo nta jambo arimo.",
      hint: "Reba niba yarakoporowe yose kandi akina kuri mudasobwa.",
    },
    tool_failed: {
      message: "Porogaramu {tool} isoma inyandiko ziri mu mashusho ntiyashoboye gutangira.",
      hint: "Agasanduku karongera kagerageze kwako.",
    },
    tool_missing: {
      message: "Agasanduku ntigafite porogaramu {tool} ikenewe ngo gasome iyi dosiye.",
      hint: "Saba ushinzwe agasanduku ashyiremo {tool}.",
    },
    quarantined: {
      message: "Iyi dosiye yashyizwe ku ruhande: agasanduku kahagaze inshuro nyinshi kayisoma.",
      hint: "Ongera uyibike nka PDF, cyangwa MP3 niba ari amajwi, maze ushyiremo iyo.",
    },
    disk_full: {
      message: "Nta mwanya uhagije uri mu gasanduku.",
      hint: "Siba imfashanyigisho zitagikenewe, wongere ugerageze.",
    },
    file_too_large: {
      message: "Dosiye ni nini kuruta iyo agasanduku kakira.",
      hint: "Yigabanye, cyangwa uyibike mu bundi buryo bworoshye, wongere ugerageze.",
    },
    upload_stalled: {
      message: "Kohereza byahagaze igihe kirekire cyane.",
      hint: "Egera aho Wi-Fi ituruka wongere wohereze dosiye.",
    },
    upload_broken: { message: "Kohereza byahagaze dosiye itaragera yose.", hint: "Ongera wohereze dosiye." },
    upload_interrupted: { message: "Dosiye ntiyageze yose.", hint: "Ongera uyohereze." },
    archive_cut: {
      message: "Ubu bubiko ntibwakoporowe bwose, kandi urutonde rw'inyandiko zabwo rurabura.",
      hint: "Bwongere kubukopora aho bwavuye.",
    },
    archive_chosen: {
      message: "Ibyinjizwa byo muri ubu bubiko byamaze guhitwamo.",
      hint: "Niba ushaka guhitamo ibindi, hagarika akazi wongere ugerageze.",
    },
    archive_replaced: {
      message: "Ububiko ntibushobora kongera gusomwa cyangwa gusimbura ubundi.",
      hint: "Busibe, hanyuma wongere ushyiremo dosiye nk'inshya.",
    },
    nothing_selected: {
      message: "Nta nyandiko yo mu bubiko imeze ityo.",
      hint: "Hitamo ikindi cyiciro, cyangwa izindi nyuguti zitangira.",
    },
    file_missing: {
      message: "Dosiye y'iyi mfashanyigisho ntiri mu gasanduku.",
      hint: "Siba imfashanyigisho, wongere ushyiremo dosiye.",
    },
    upload_classes: {
      message: "Ibyoherejwe ntibivuga ishuri agasanduku gashobora gusoma.",
      hint: "Vuga amashuri ukoresheje indangamuntu zayo, cyangwa ntugire iryo uvuga niba ari iby'ikigo cyose.",
    },
    upload_field: {
      message: "Ifishi irimo umwanya agasanduku katitaho.",
      hint: "Ohereza dosiye yonyine, ubanze umwanya classes.",
    },
    provider_forbidden: {
      message: "Iyi ni aderesi y'agasanduku ubwako cyangwa y'imiyoboro yako.",
      hint: "Andika iy'indi mashini. Ushinzwe agasanduku ashobora kwemera iyi akoresheje BWENGE_PROVIDER_HOSTS.",
    },
    class_exists: {
      message: "Hari ishuri risanzwe ryitwa iri zina.",
      hint: "Hitamo irindi zina, cyangwa ufungure ishuri rihari. Niba utaribona, saba ibiro by'ikigo kurigushyiramo.",
    },
    not_your_class: {
      message: "Ntiwigisha muri iri shuri.",
      hint: "Baza umwe mu barimu baryo cyangwa ibiro by'ishuri.",
    },
    pupil_shared: {
      message: "Uyu munyeshuri ari no mu rindi shuri utigisha.",
      hint: "Mukure mu ishuri ryawe, cyangwa ubaze ibiro by'ikigo.",
    },
    not_your_pupil: {
      message: "Uyu munyeshuri nta shuri wigisha arimo.",
      hint: "Baza ibiro by'ishuri. Cyangwa wongere umwe mu barimu be mu ishuri ryawe: ashobora kumuzana.",
    },
    roster_role: {
      message: "Urutonde ruvuga ko uyu atari umunyeshuri.",
    },
    roster_sum: {
      message: "Uyu murongo ni igiteranyo cyangwa icyitonderwa.",
    },
    roster_heading: {
      message: "Uyu murongo usubiramo amazina y'inkingi.",
    },
    roster_gone: {
      message: "Urutonde ruvuga ko uyu munyeshuri yagiye.",
    },
    roster_role_unknown: {
      message: "Urutonde ntiruvuga neza niba uyu ari umunyeshuri.",
      hint: "Vuga niba ari umunyeshuri.",
    },
    roster_adult: {
      message: "Uyu ashobora kuba ari umukozi w'ishuri.",
      hint: "Vuga niba ari umunyeshuri.",
    },
    roster_alone: {
      message: "Uyu murongo urimo bike kurusha indi: ushobora kuba ari umutwe.",
      hint: "Vuga niba ari umunyeshuri.",
    },
    roster_name: {
      message: "Ibi ntibisa n'izina.",
      hint: "Vuga niba ari umunyeshuri.",
    },
    roster_not_names: {
      message: "Ibi ntibisa n'urutonde rw'amazina.",
      hint: "Hitamo urutonde rufite umunyeshuri umwe ku murongo. Inyandiko zijya mu mfashanyigisho.",
    },
    roster_not_pupils: {
      message: "Ibi bisa n'urutonde rw'ibintu n'ibiciro, si urw'abanyeshuri.",
      hint: "Hitamo urutonde rw'ishuri. Izindi mbonerahamwe zijya mu mfashanyigisho.",
    },
    roster_unsure: {
      message: "Agasanduku ntikizeye icyo inkingi z'uru rutonde zivuga.",
      hint: "Vuga icyo buri nkingi ivuga, wongere usuzume urutonde.",
    },
    roster_not_a_pupil: {
      message: "Hari umukozi ufite iyi kode.",
      hint: "Siga uyu murongo, cyangwa ukosore kode.",
    },
    roster_other_class: {
      message: "Uyu munyeshuri asanzwe ari ku gasanduku, mu ishuri ry'undi mwarimu.",
      hint: "Saba ibiro by'ishuri, cyangwa umwe mu barimu be, kumwongera mu ishuri ryawe.",
    },
    import_other_class: {
      message: "Bamwe muri aba banyeshuri ubu bari mu mashuri utigisha.",
      hint: "Saba ibiro by'ishuri gusubiza inyuma urutonde.",
    },
    not_your_material: {
      message: "Iyi mfashanyigisho ni iy'abandi.",
      hint: "Baza uwayongeyeho, umwarimu w'amashuri igenewe, cyangwa ibiro by'ishuri.",
    },
    not_your_persona: {
      message: "Uyu mwigisha ni uw'abandi.",
      hint: "Mukoporore uhindure iyo kopi. Cyangwa ubaze uwamukoze, umwarimu w'amashuri agenewe, cyangwa ibiro by'ishuri.",
    },
    not_your_pin: {
      message: "Iki gisubizo cyashyizweho n'abandi.",
      hint: "Baza uwagishyizeho, umwarimu w'amashuri kigenewe, cyangwa ibiro by'ishuri.",
    },
    pin_for_all: {
      message: "Ibiro by'ishuri byonyine ni byo bishyiraho ibisubizo by'ishuri ryose.",
      hint: "Hitamo amashuri wigisha.",
    },
    pin_empty: {
      message: "Nta gisubizo gihari.",
      hint: "Andika igisubizo abanyeshuri bakwiye kubona.",
    },
    pin_long: {
      message: "Igisubizo ni kirekire cyane.",
      hint: "Koresha inyuguti zitarenze 2.000.",
    },
    pin_unclear: {
      message: "Iki kibazo nticyumvikana cyonyine.",
      hint: "Cyandike cyose, ku buryo kivuga uwo cyangwa icyo kibazaho.",
    },
    pin_unsafe: {
      message: "Agasanduku gafite igisubizo gihoraho kuri iki kibazo, ni cyo kibanza.",
      hint: "Vugana n'umunyeshuri.",
    },
    class_has_pins: {
      message: "Hari ibisubizo byashyiriweho iri shuri ryonyine.",
      hint: "Bihe andi mashuri cyangwa ikigo cyose, cyangwa ubikureho, hanyuma usibe ishuri.",
    },
    pin_not_found: {
      message: "Iki gisubizo ntikiriho.",
      hint: "Gishobora kuba cyakuweho.",
    },
    answer_not_found: {
      message: "Iki gisubizo ntikikiriho.",
      hint: "Ikiganiro cyacyo gishobora kuba cyasibwe.",
    },
    feedback_not_found: {
      message: "Iki gitekerezo ntikikiriho.",
      hint: "Umunyeshuri ashobora kuba yaragikuyeho.",
    },
    passage_not_found: {
      message: "Iki gika ntikikiriho.",
      hint: "Imfashanyigisho ishobora kuba yarongeye gusomwa. Ongera uyifungure.",
    },
    classes_changed: {
      message: "Wavuye mu ishuri iki gisubizo gishobora kuba gikuramo imfashanyigisho.",
      hint: "Ongera ubaze.",
    },
    source_not_found: {
      message: "Iyi mfashanyigisho ntiri hano.",
      hint: "Birashoboka ko yasibwe. Subira ku rutonde wongere urebe.",
    },
    class_code_unknown: {
      message: "Nta shuri rifite iyi kode.",
      hint: "Ongera urebe kode ku ikarita, cyangwa uyibaze mwarimu wawe: ashobora kuba yarakoze nshya.",
    },
    conversation_not_found: {
      message: "Iki kiganiro ntikiri hano.",
      hint: "Birashoboka ko cyasibwe. Subira ku rutonde wongere urebe.",
    },
    archive_not_found: {
      message: "Ubu bubiko ntibuhari.",
      hint: "Bushobora kuba bwarasibwe. Subira ku rutonde urebe.",
    },
    roster_long: {
      message: "Urutonde ni rurerure cyane.",
      hint: "Shyiramo abanyeshuri batarenze {limit} icyarimwe: gabanya urutonde.",
    },
    roster_unreadable: {
      message: "Uru rutonde ntirushobora gusomwa, cyangwa ni runini cyane.",
      hint: "Ongera urwohereze cyangwa urukoporore, rurimo gusa abanyeshuri bakenewe.",
    },
    roster_twice: {
      message: "Uyu munyeshuri ari kabiri ku rutonde.",
      hint: "Reka uyu murongo, cyangwa wongereho inyuguti itandukanya abanyeshuri babiri bitiranwa.",
    },
    roster_no_id: {
      message: "Uyu murongo nta sourcedId ufite.",
      hint: "Ongera wohereze iyo dosiye.",
    },
    roster_other_name: {
      message: "Iyi nimero ifitwe n'undi ufite irindi zina.",
      hint: "Vuga niba ari umunyeshuri: yongerwamo nta nimero. Niba ari umuntu umwe, banza ukosore izina.",
    },
    source_ended: { message: "Agasanduku karangije iyi mfashanyigisho.", hint: "Yisibe niba idakenewe." },
    source_updating: {
      message: "Idosiye nshya irimo gufata umwanya w'iyi.",
      hint: "Tegereza irangire, hanyuma urebe umwandiko wayo.",
    },
    source_busy: {
      message: "Agasanduku karacyasoma indi dosiye ifite iri zina.",
      hint: "Tegereza irangire, cyangwa ugumane zombi.",
    },
    page_not_found: {
      message: "Urwo rupapuro ntiruri mu mwandiko wasomwe.",
      hint: "Birashoboka ko byongeye gusomwa. Ongera ufungure umwandiko.",
    },
    page_too_long: {
      message: "Ibi birenze ibyo urupapuro rumwe rushobora kubika.",
      hint: "Byandike mu nyandiko yihariye, hanyuma uyongeremo.",
    },
    not_a_picture: {
      message: "Impapuro z'amafoto n'izafotowe ni zo zonyine zishobora guhindukizwa.",
      hint: "Ahubwo kosora umwandiko w'urupapuro.",
    },
    no_title: {
      message: "Umutwe ukeneye nibura inyuguti imwe.",
      hint: "Andika uko byitwa.",
    },
    same_name: {
      message: "Hari indi dosiye ifite iri zina ariko irimo ibindi.",
      hint: "Vuga niba inshya iyisimbura, cyangwa ugumane zombi.",
    },
    source_not_failed: { message: "Iyi mfashanyigisho nta kibazo yagize.", hint: "Nta cyo kongera kugerageza." },
    database_busy: {
      message: "Agasanduku karimo kubika ibindi.",
      hint: "Ongera ugerageze nyuma y'amasegonda make.",
    },
    database_unwritable: {
      message: "Agasanduku ntikabasha kwandika mu bubiko bwako.",
      hint: "Saba ushinzwe agasanduku akoreshe igenzura (bwenge doctor).",
    },
    weights_missing: {
      message: "Agasanduku nta dosiye za modeli gafite.",
      hint: "Saba ushinzwe agasanduku azishyiremo (bwenge models pull).",
    },
    weights_damaged: {
      message: "Dosiye za modeli zangiritse mu gasanduku.",
      hint: "Saba ushinzwe agasanduku azisane (bwenge models verify).",
    },
    engine_missing: {
      message: "Agasanduku kabuze imwe muri moteri zako.",
      hint: "Saba ushinzwe agasanduku akoreshe igenzura (bwenge doctor).",
    },
    engine_down: {
      message: "Moteri y'agasanduku yahagaze.",
      hint: "Irongera yitangize. Ongera ugerageze nyuma y'umunota.",
    },
    engine_silent: {
      message: "Moteri y'agasanduku ntiyasubije ku gihe.",
      hint: "Ongera ugerageze nyuma y'umunota.",
    },
    engine_start: {
      message: "Moteri y'agasanduku ntiyashoboye gutangira.",
      hint: "Ongera ugerageze nyuma y'umunota. Nibyongera, koresha igenzura (bwenge doctor).",
    },
    engine_slow_start: {
      message: "Moteri y'agasanduku iratinda cyane gutangira.",
      hint: "Ongera ugerageze nyuma y'umunota.",
    },
    engine_busy: { message: "Agasanduku karahuze.", hint: "Ongera ugerageze mu kanya." },
    tutor_busy: {
      message: "Ibibazo byinshi cyane birategereje ubu.",
      hint: "Ongera ugerageze nyuma y'umunota.",
    },
    too_many_questions: {
      message: "Ibibazo byinshi cyane birafunguye kuri uru rupapuro.",
      hint: "Tegereza igisubizo, hanyuma wongere ubaze.",
    },
    question_long: { message: "Ikibazo ni kirekire cyane.", hint: "Kibaze mu nteruro nke." },
    question_too_long: { message: "Ikibazo ni kirekire cyane.", hint: "Kibaze mu magambo make." },
    answer_cut_short: {
      message: "Mwarimu w'ikoranabuhanga yahagaze hagati mu gisubizo.",
      hint: "Ongera ubaze. Inkomoko zabonetse ziracyari zo.",
    },
    box_stopping: {
      message: "Agasanduku karimo kuzimwa cyangwa kongera gutangira.",
      hint: "Tegereza umunota; ikibazo cyabitswe kandi kizasubizwa.",
    },
    stopping: { message: "Agasanduku karimo kuzimwa.", hint: "Tegereza ko kagaruka, wongere ugerageze." },
    timeout: { message: "Agasanduku katinze cyane.", hint: "Ongera ugerageze mu kanya." },
    claim_code_needed: {
      message: "Gutegura aka gasanduku uri ku kindi gikoresho bisaba kode yako.",
      hint: "Iri kuri konsole y'agasanduku no mu idosiye claim-code.txt mu bubiko bwako.",
    },
    claim_code_wrong: {
      message: "Iyi si kode y'aka gasanduku.",
      hint: "Reba konsole y'agasanduku, cyangwa wandike bwenge claim.",
    },
    too_many_attempts: {
      message: "Habaye kugerageza nabi kenshi.",
      hint: "Tegereza akanya, cyangwa usabe umwarimu kugufasha.",
    },
    class_locked: {
      message: "Habaye kugerageza nabi kenshi muri iri shuri.",
      hint: "Saba umwarimu wawe kukureka ukinjira, cyangwa ukoreshe tableti wigeze gukoresha.",
    },
    sign_in_busy: {
      message: "Abantu benshi barinjira ubu.",
      hint: "Ongera ugerageze mu masegonda make.",
    },
  },
  notices: {
    pages_unreadable: "Impapuro {count} muri {of} ntizashoboye gusomwa.",
    text_truncated: "Hasomwe gusa MB {megabytes} za mbere z'umwandiko wayo.",
    partly_read: "Igice cy'iyi dosiye cyarangiritse. Ibisigaye byasomwe.",
    articles_unreadable: "Inyandiko {count} kuri {of} ntizashoboye gusomwa: ububiko bwarangiritse.",
    archive_short: "Ububiko ntibwakoporowe bwose: MB {have} kuri {want} ni zo zihari.",
    encoding_unsure:
      "Inyuguti zimwe z'iyi nyandiko zishobora kuba atari zo, kuko dosiye itavuga uko inyuguti zayo zanditswe. Niba ari uko bimeze, yifungure kuri mudasobwa, uyibike nka UTF-8, wongere uyishyiremo.",
    pictures_not_read: "Umwandiko uri mu mafoto ntiwasomwe, kuko {tool} itari mu gasanduku.",
    recording_truncated: "Hasomwe gusa iminota {minutes} ya mbere.",
    captions_used: "Amagambo yayo yavanywe muri “{title}”.",
    no_speech:
      "Nta muntu uvuga muri aya majwi. Niba hari uwagombaga kuvuga, reba niba mikoro yari ifunguye kandi yegereye uvuga.",
    formulas_lost:
      "Dosiye ntirimo ibisubizo by'imibare {count}, kandi agasanduku ntikashoboye kuyibara. Yifungure muri porogaramu y'imbonerahamwe, uyibike rimwe, wongere uyishyiremo.",
    cell_errors: "Utuzu {count} twerekana ikosa nka #DIV/0! aho kwerekana agaciro.",
    hidden_left_out:
      "Impapuro, imirongo cyangwa inkingi {count} zihishe zasizwe. Niba zikenewe, zigaragaze muri porogaramu y'imbonerahamwe, ubike dosiye, wongere uyishyiremo.",
    too_quiet:
      "Ijwi ry'iyi dosiye riri hasi cyane ku buryo nta jambo ryumvikana. Ongera ufate amajwi wegereye uvuga, cyangwa wongere ijwi rya mikoro.",
  },
};
