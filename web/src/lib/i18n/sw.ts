import type { Problems } from "./problem";
import { feedback } from "./feedback/sw";
import { library } from "./library/sw";
import { people } from "./people/sw";
import { tutors } from "./tutors/sw";
import type { Dictionary } from "./translate";

export const dictionary: Dictionary = {
  ...feedback,
  ...library,
  ...people,
  ...tutors,
  "action.close": "Funga",
  "action.delete": "Futa",
  "action.keep": "Usifute",
  "action.more": "Onyesha zaidi",

  "nav.label": "Kuu",
  "nav.skip": "Nenda kwenye maudhui",
  "leave.title": "Uondoke bila kuhifadhi?",
  "leave.text": "Ulichobadilisha hapa hakijahifadhiwa.",
  "leave.go": "Ondoka",
  "leave.stay": "Baki hapa",
  "nav.ask": "Uliza",
  "nav.material": "Nyenzo",

  "settings.open": "Lugha na mwonekano",
  "settings.title": "Lugha na mwonekano",
  "settings.language": "Lugha",
  "settings.theme": "Mwonekano",
  "settings.theme.auto": "Kama kompyuta kibao",
  "settings.theme.light": "Mwanga",
  "settings.theme.dark": "Giza",

  "state.loading": "Subiri kidogo…",
  "connection.lost": "Kisanduku hakijibu.",
  "connection.hint": "Hakikisha kompyuta kibao hii iko kwenye Wi-Fi ya shule. Tunaendelea kujaribu.",
  "broken.title": "Ukurasa huu haukufunguka",
  "broken.text": "Kuna kitu kilienda vibaya ulipokuwa ukifunguka.",
  "broken.action": "Fungua tena",
  "missing.title": "Hakuna ukurasa kama huu",
  "missing.text": "Huenda anwani imeandikwa vibaya.",
  "missing.action": "Nenda mwanzo",

  "time.soon": "karibu kumaliza",
  "time.left": "bado {time}",
  "time.seconds": { one: "sekunde {count} hivi", other: "sekunde {count} hivi" },
  "time.minutes": { one: "dakika {count} hivi", other: "dakika {count} hivi" },
  "time.hours": { one: "saa {count} hivi", other: "saa {count} hivi" },

  "place.page": "ukurasa {number}",
  "place.chapter": "sehemu {number}",
  "place.slide": "slaidi {number}",
  "place.sheet": "laha {name}",

  "kind.pdf": "PDF",
  "kind.document": "Waraka",
  "kind.slides": "Slaidi",
  "kind.sheet": "Jedwali",
  "kind.book": "Kitabu",
  "kind.page": "Ukurasa wa wavuti",
  "kind.text": "Maandishi",
  "kind.image": "Picha",
  "kind.audio": "Rekodi",
  "kind.video": "Video",
  "place.article": "makala {name}",
  "kind.archive": "Ensaiklopidia",
  "facts.articles": { one: "makala {count}", other: "makala {count}" },
  "status.choosing": "Inasubiri uchaguzi",
  "archive.choose": "Chagua cha kuingiza",
  "archive.choose_of": "Chagua cha kuingiza kutoka {title}",
  "archive.title": "Kiingizwe nini?",
  "archive.holds": "Makala {articles}, picha {pictures}, {size}. Maandishi ya makala pekee huingizwa.",
  "archive.by": "Na {name}",
  "archive.licence": "Leseni: {name}",
  "archive.what": "Ingiza",
  "archive.whole": "Makala yote",
  "archive.category": "Kundi moja",
  "archive.prefix": "Vichwa vinavyoanza na …",
  "archive.first": "Za kwanza …",
  "archive.category_name": "Kundi",
  "archive.prefix_text": "Mwanzo wa kichwa",
  "archive.first_number": "Idadi ya makala",
  "archive.cost":
    "Makala {articles}: takriban {size} kwenye diski. Maneno yake yanatafutwa baada ya {text}, maana baada ya {meaning} iwapo hakuna anayeuliza.",
  "archive.no_room": "Sanduku limebakiwa na {size} tu. Chagua sehemu ndogo.",
  "archive.nothing": "Hakuna makala kama hiyo.",
  "archive.count": "Ona inachohitaji",
  "archive.take": "Ingiza",
  "archive.vectors": "Vifungu {done} kati ya {total} vinapatikana kwa maana; vyote kwa maneno",
  "facts.pages": { one: "ukurasa {count}", other: "kurasa {count}" },
  "facts.slides": { one: "slaidi {count}", other: "slaidi {count}" },
  "facts.sheets": { one: "laha {count}", other: "laha {count}" },

  "status.queued": "Inasubiri",
  "status.processing": "Inasomwa",
  "status.ready": "Tayari",
  "status.failed": "Haikusomwa",
  "status.cancelled": "Imesimamishwa",
  "step.queued": "Inasubiri zamu yake",
  "step.reading": "Maandishi yanasomwa",
  "step.transcribing": "Yanayosemwa yanaandikwa",
  "step.indexing": "Inaandaliwa kwa utafutaji",

  "material.title": "Nyenzo",
  "material.intro": "Vitabu, madokezo na rekodi ambazo mkufunzi hujibu kutoka kwazo.",
  "material.list": "Nyenzo zilizo katika kisanduku hiki",
  "material.search": "Tafuta kwa jina",
  "material.filter": "Onyesha",
  "material.all": "Zote",
  "material.count": { one: "nyenzo {count}", other: "nyenzo {count}" },
  "material.none": "Bado hakuna kitu hapa",
  "material.none_text":
    "Ongeza somo: PDF, faili ya Word, slaidi, rekodi au video. Wanafunzi wanaweza kuuliza kulihusu mara tu linapokuwa tayari.",
  "material.none_found": "Hakuna kilichopatikana",
  "material.none_found_text": "Jaribu maneno machache au mengine, au onyesha zote.",
  "material.progress": "Maendeleo ya {title}",
  "material.retry": "Jaribu tena",
  "material.cancel": "Acha kusoma {title}",
  "material.delete": "Futa {title}",
  "material.delete_title": "Ufute nyenzo hii?",
  "material.delete_text":
    "Faili na yote yaliyosomwa kutoka kwake yataondolewa kwenye kisanduku. Mkufunzi hatajibu tena kutoka kwake. Hili haliwezi kurudishwa.",
  "material.deleted": "{title} imefutwa.",

  "upload.title": "Ongeza nyenzo",
  "upload.choose": "Chagua faili",
  "upload.drop": "Au dondosha faili au folda hapa.",
  "upload.kinds": "PDF, Word, PowerPoint, Excel, EPUB, picha, rekodi na video.",
  "upload.begun": { one: "Faili {count} inatumwa.", other: "Faili {count} zinatumwa." },
  "upload.waiting": "Inasubiri kutumwa",
  "upload.sending": "Inatumwa: {percent} % ya {size}",
  "upload.storing": "Kisanduku kinaihifadhi",
  "upload.added": "Imeongezwa. Kisanduku kinaisoma sasa.",
  "upload.existed": "Ipo tayari: kisanduku kina faili hii hii. Hakuna kilichoongezwa.",
  "upload.progress": "{name} inatumwa",
  "upload.retry": "Tuma {name} tena",
  "upload.cancel": "Acha kutuma {name}",
  "upload.dismiss": "Ondoa {name} kwenye orodha hii",
  "upload.clear": "Safisha orodha hii",

  "conversations.title": "Mazungumzo",
  "conversations.new": "Mazungumzo mapya",
  "conversations.search": "Tafuta mazungumzo",
  "conversations.none": "Unachouliza huhifadhiwa hapa.",
  "conversations.none_found": "Hakuna mazungumzo yenye maneno haya.",
  "conversations.gone": "Mazungumzo haya yamefutwa.",
  "conversations.delete": "Futa mazungumzo “{title}”",
  "conversations.delete_title": "Ufute mazungumzo haya?",
  "conversations.delete_text": "Maswali na majibu yake yataondolewa kwenye kisanduku. Hili haliwezi kurudishwa.",
  "conversations.deleted": "Mazungumzo yamefutwa.",

  "ask.conversation": "Mazungumzo",
  "ask.label": "Swali lako",
  "ask.placeholder": "Uliza kuhusu masomo yako",
  "ask.note": "Imeandikwa na kompyuta. Hakikisha katika vyanzo.",
  "ask.send": "Uliza",
  "ask.stop": "Simamisha jibu",
  "ask.you_asked": "Uliuliza:",
  "ask.sending": "Swali lako linatumwa",
  "ask.searching": "Inatafuta katika nyenzo zenu",
  "ask.reading": "Inasoma kilichopatikana",
  "ask.queue": { one: "Swali {count} linajibiwa kwanza.", other: "Maswali {count} yanajibiwa kwanza." },
  "ask.queue_time": "Zamu yako ni baada ya {time}.",
  "ask.queue_soon": "Zamu yako inakaribia.",
  "ask.again": "Uliza tena",
  "ask.stopped": "Jibu limesimamishwa.",
  "ask.unanswered": "Swali hili bado halina jibu.",
  "ask.to_newest": "Nenda kwenye jipya zaidi",

  "answer.ready": "Jibu:",
  "answer.passages_title": "Moja kwa moja kutoka nyenzo zenu",
  "answer.passages_text": "Mkufunzi hakuandika jibu lake mwenyewe. Vifungu hivi vinafaa swali lako zaidi.",
  "answer.not_found_title": "Halimo katika nyenzo zenu",

  "guide.try": "Nilichojaribu",
  "guide.send": "Tuma jaribio langu",
  "guide.tried": "Nimejaribu: {attempt}",

  "sources.title": "Kilichopatikana katika nyenzo zenu",
  "sources.found": { one: "Kifungu {count} kimepatikana.", other: "Vifungu {count} vimepatikana." },
  "sources.words": "Maneno",
  "sources.number": "Chanzo",
  "sources.open": "Chanzo {number}: {where}",

  "welcome.title": "Ungependa kujua nini?",
  "welcome.text": "Mkufunzi hujibu kutoka nyenzo za walimu wenu, na huonyesha ukurasa au dakika ambapo jibu limetoka.",
  "welcome.material": { one: "Nyenzo {count} ya kuuliza", other: "Nyenzo {count} za kuuliza" },
  "welcome.all": "Ona nyenzo zote",
  "welcome.empty_title": "Bado hakuna nyenzo",
  "welcome.empty_text": "Mwalimu akishaongeza kitabu, madokezo au rekodi, unaweza kuuliza kuihusu hapa.",
  "welcome.add": "Ongeza nyenzo",

  "viewer.back": "Rudi",
  "viewer.download": "Hifadhi faili kwenye kompyuta kibao",
  "viewer.to_list": "Ona nyenzo zote",
  "viewer.cited": "Kifungu",
  "viewer.to_passage": "Rudi {where}",
  "viewer.not_ready": "Bado haiko tayari",
  "viewer.not_ready_text": "Kisanduku hakijamaliza kusoma hii. Angalia katika Nyenzo imefika wapi.",
  "reader.earlier": "Onyesha yaliyotangulia",
  "reader.later": "Onyesha yanayofuata",
  "pdf.toolbar": "Kurasa na ukubwa",
  "pdf.page": "Ukurasa",
  "pdf.page_of": "{title}, ukurasa {page} kati ya {pages}",
  "pdf.previous": "Ukurasa uliotangulia",
  "pdf.next": "Ukurasa unaofuata",
  "pdf.zoom_in": "Kubwa zaidi",
  "pdf.zoom_out": "Ndogo zaidi",
  "pdf.failed": "PDF hii haiwezi kuonyeshwa hapa.",
  "pdf.failed_hint": "Hifadhi faili na uifungue kwa programu nyingine.",
  "pdf.page_failed": "Ukurasa huu hauwezi kuchorwa.",
  "media.play": "Cheza kuanzia",
  "media.play_from": "Cheza kuanzia {time}",
  "media.transcript": "Yanayosemwa",
  "media.failed": "Kompyuta kibao hii haiwezi kucheza rekodi hii.",
  "media.failed_hint": "Soma hapa chini yanayosemwa, au hifadhi faili na uifungue kwa programu nyingine.",
};

export const problems: Problems = {
  problems: {
    unreachable: {
      message: "Kisanduku hakijibu.",
      hint: "Hakikisha kompyuta kibao iko kwenye Wi-Fi ya shule na kisanduku kimewashwa.",
    },
    internal: {
      message: "Kuna kitu kilienda vibaya ndani ya kisanduku.",
      hint: "Jaribu tena. Ikitokea tena, fanya ukaguzi wa kisanduku (bwenge doctor).",
    },
    file_empty: { message: "Faili hii ni tupu.", hint: "Inakili tena kutoka ilikotoka." },
    unsupported_type: {
      message: "Kisanduku hakiwezi kusoma aina hii ya faili.",
      hint: "Ihifadhi kama PDF, DOCX, PPTX, EPUB au maandishi, au kama rekodi ya MP3 au MP4.",
    },
    old_format: {
      message: "Hii ni faili ya {format}, ambayo kisanduku hakiwezi kuisoma.",
      hint: "Ifungue kwenye kompyuta, chagua “Save as”, chagua {save_as}, kisha uongeze faili mpya.",
    },
    password: {
      message: "Faili hii inalindwa kwa nenosiri.",
      hint: "Ifungue kwa nenosiri lake, hifadhi nakala isiyo na nenosiri, kisha uongeze nakala hiyo.",
    },
    copy_protected: {
      message: "Kitabu hiki kimelindwa kisinakiliwe (DRM), hivyo maandishi yake yamefungwa.",
      hint: "Omba nakala isiyo na ulinzi kwa mchapishaji wake.",
    },
    damaged: {
      message: "Faili hii imeharibika au haikunakiliwa yote.",
      hint: "Inakili tena kutoka ilikotoka, au ifungue kwenye kompyuta na uihifadhi upya.",
    },
    no_text: {
      message: "Hakuna maandishi yaliyopatikana katika faili hii.",
      hint: "Kama ina kurasa zilizochanganuliwa au picha, zipige tena kwa mwanga zaidi na kwa dpi 300.",
    },
    not_text: {
      message: "Faili hii ina data badala ya maandishi.",
      hint: "Ifungue katika programu yake na uihifadhi kama PDF.",
    },
    too_complex: {
      message: "Faili hii ikifunguliwa ni kubwa kupita waraka wa kawaida, hivyo haikusomwa.",
      hint: "Kama unaiamini, ifungue kwenye kompyuta na uihifadhi kama PDF.",
    },
    image_too_large: {
      message: "Picha hii ni kubwa mno kusomwa (nukta {width} × {height}).",
      hint: "Ipunguze isizidi nukta 8000 kwa upana na urefu, kisha uiongeze tena.",
    },
    too_much_memory: {
      message: "Faili hii haikuweza kusomwa: inahitaji kumbukumbu nyingi mno.",
      hint: "Igawanye katika faili ndogo, au ifungue kwenye kompyuta na uihifadhi kama PDF.",
    },
    too_slow: {
      message: "Faili hii haikuweza kusomwa: inachukua muda mrefu mno.",
      hint: "Igawanye katika faili ndogo, au ifungue kwenye kompyuta na uihifadhi kama PDF.",
    },
    reader_failed: {
      message: "Faili hii haikuweza kusomwa: kuna kitu ndani yake kinachozuia usomaji.",
      hint: "Ifungue kwenye kompyuta, ihifadhi upya kama PDF, kisha uongeze hiyo.",
    },
    no_sound: { message: "Rekodi hii haina sauti.", hint: "Hakikisha ilirekodiwa maikrofoni ikiwa imewashwa." },
    too_short: {
      message: "Rekodi hii ni fupi mno kuwa na neno.",
      hint: "Hakikisha imenakiliwa yote na inacheza kwenye kompyuta.",
    },
    tool_failed: {
      message: "Programu {tool}, inayosoma maandishi kwenye picha, haikuweza kuanza.",
      hint: "Kisanduku kitajaribu tena chenyewe.",
    },
    tool_missing: {
      message: "Kisanduku hakina programu {tool} inayohitajika kusoma faili hii.",
      hint: "Mwombe anayetunza kisanduku asakinishe {tool}.",
    },
    quarantined: {
      message: "Faili hii imewekwa kando: kisanduku kilisimama mara kadhaa kikiisoma.",
      hint: "Ihifadhi upya kama PDF, au MP3 kama ni rekodi, kisha uongeze hiyo.",
    },
    disk_full: {
      message: "Hakuna nafasi ya kutosha kwenye kisanduku.",
      hint: "Futa nyenzo zisizohitajika tena, kisha ujaribu tena.",
    },
    file_too_large: {
      message: "Faili ni kubwa kuliko kisanduku kinavyopokea.",
      hint: "Igawanye, au ihifadhi katika muundo mdogo, kisha ujaribu tena.",
    },
    upload_stalled: {
      message: "Utumaji ulisimama kwa muda mrefu mno.",
      hint: "Sogea karibu na kituo cha Wi-Fi kisha utume faili tena.",
    },
    upload_broken: { message: "Utumaji ulikatika kabla faili haijafika yote.", hint: "Tuma faili tena." },
    upload_interrupted: { message: "Faili haikufika yote.", hint: "Itume tena." },
    archive_cut: {
      message: "Hifadhi hii haikunakiliwa yote, na orodha ya makala yake haipo.",
      hint: "Inakili tena kutoka ilikotoka.",
    },
    archive_chosen: {
      message: "Kinachoingizwa kutoka hifadhi hii kimeshachaguliwa.",
      hint: "Ili kuchagua upya, simamisha kazi kisha ujaribu tena.",
    },
    archive_replaced: {
      message: "Hifadhi haiwezi kusomwa tena wala kuchukua nafasi ya nyingine.",
      hint: "Ifute, kisha ongeza faili kama mpya.",
    },
    nothing_selected: {
      message: "Hakuna makala ya hifadhi iliyo hivyo.",
      hint: "Chagua kundi lingine, au herufi nyingine za kwanza.",
    },
    file_missing: {
      message: "Faili ya nyenzo hii haipo kwenye kisanduku.",
      hint: "Futa nyenzo hii kisha uongeze faili tena.",
    },
    upload_classes: {
      message: "Upakiaji hautaji darasa ambalo kisanduku kinaweza kulisoma.",
      hint: "Taja madarasa kwa vitambulisho vyake, au usitaje lolote kwa shule nzima.",
    },
    upload_field: {
      message: "Fomu ina sehemu ambayo kisanduku hakiizingatii.",
      hint: "Tuma faili tu, na kabla yake sehemu ya classes.",
    },
    provider_forbidden: {
      message: "Hii ni anwani ya kisanduku chenyewe au ya viungo vyake.",
      hint: "Andika ya mashine nyingine. Anayetunza kisanduku anaweza kuruhusu hii kwa BWENGE_PROVIDER_HOSTS.",
    },
    class_exists: {
      message: "Tayari kuna darasa lenye jina hili.",
      hint: "Chagua jina lingine, au fungua darasa lililopo. Usipoliona, omba ofisi ya shule ikuongeze.",
    },
    not_your_class: { message: "Hufundishi darasa hili.", hint: "Muulize mmoja wa walimu wake, au ofisi ya shule." },
    pupil_shared: {
      message: "Mwanafunzi huyu yumo pia katika darasa usilofundisha.",
      hint: "Mtoe katika darasa lako, au uliza ofisi ya shule.",
    },
    not_your_pupil: {
      message: "Mwanafunzi huyu hayumo katika darasa unalofundisha.",
      hint: "Iulize ofisi ya shule. Au mwongeze mmoja wa walimu wake kwenye darasa lako: anaweza kumleta.",
    },
    roster_role: {
      message: "Orodha inasema kwamba huyu si mwanafunzi.",
    },
    roster_sum: {
      message: "Mstari huu ni jumla au maelezo.",
    },
    roster_heading: {
      message: "Mstari huu unarudia majina ya safu.",
    },
    roster_gone: {
      message: "Orodha inasema kwamba mwanafunzi huyu ameondoka.",
    },
    roster_role_unknown: {
      message: "Orodha haisemi wazi kama huyu ni mwanafunzi.",
      hint: "Sema kama ni mwanafunzi.",
    },
    roster_adult: {
      message: "Huyu anaweza kuwa mfanyakazi wa shule.",
      hint: "Sema kama ni mwanafunzi.",
    },
    roster_alone: {
      message: "Mstari huu una machache kuliko mingine: unaweza kuwa kichwa.",
      hint: "Sema kama ni mwanafunzi.",
    },
    roster_name: {
      message: "Hii haionekani kuwa jina.",
      hint: "Sema kama ni mwanafunzi.",
    },
    roster_not_names: {
      message: "Hii haionekani kuwa orodha ya majina.",
      hint: "Chagua orodha yenye mwanafunzi mmoja kwa kila mstari. Maandishi huwekwa kwenye nyenzo.",
    },
    roster_not_pupils: {
      message: "Hii inaonekana kuwa orodha ya vitu na bei, si ya wanafunzi.",
      hint: "Chagua orodha ya darasa. Majedwali mengine huwekwa kwenye nyenzo.",
    },
    roster_unsure: {
      message: "Kisanduku hakina uhakika safu za orodha hii zina nini.",
      hint: "Sema kila safu ina nini, kisha kagua orodha tena.",
    },
    roster_not_a_pupil: {
      message: "Kuna mfanyakazi mwenye kitambulisho hiki.",
      hint: "Acha mstari huu, au sahihisha kitambulisho.",
    },
    roster_other_class: {
      message: "Mwanafunzi huyu tayari yumo kwenye kisanduku, katika darasa la mwalimu mwingine.",
      hint: "Iombe ofisi ya shule, au mmoja wa walimu wake, amwongeze kwenye darasa lako.",
    },
    import_other_class: {
      message: "Baadhi ya wanafunzi hawa sasa wako katika madarasa usiyofundisha.",
      hint: "Iombe ofisi ya shule kurudisha orodha hiyo.",
    },
    not_your_material: {
      message: "Nyenzo hii ni ya wengine.",
      hint: "Muulize aliyeiongeza, mwalimu wa madarasa yake, au ofisi ya shule.",
    },
    not_your_persona: {
      message: "Mkufunzi huyu ni wa wengine.",
      hint: "Tengeneza nakala uibadilishe. Au muulize aliyemtengeneza, mwalimu wa madarasa yake, au ofisi ya shule.",
    },
    not_your_pin: {
      message: "Jibu hili limebandikwa na wengine.",
      hint: "Muulize aliyelibandika, mwalimu wa madarasa yake, au ofisi ya shule.",
    },
    pin_for_all: {
      message: "Ofisi ya shule pekee hubandika majibu kwa shule nzima.",
      hint: "Chagua madarasa unayofundisha.",
    },
    pin_empty: {
      message: "Hakuna jibu.",
      hint: "Andika jibu ambalo wanafunzi wanapaswa kupata.",
    },
    pin_long: {
      message: "Jibu ni refu mno.",
      hint: "Tumia herufi 2,000 au pungufu.",
    },
    pin_unclear: {
      message: "Swali hili haliwezi kueleweka peke yake.",
      hint: "Liandike kamili, ili liseme linahusu nani au nini.",
    },
    pin_unsafe: {
      message: "Kisanduku kina jibu maalumu kwa swali hili, na hilo hutangulia.",
      hint: "Zungumza na mwanafunzi.",
    },
    class_has_pins: {
      message: "Baadhi ya majibu yaliyobandikwa ni ya darasa hili pekee.",
      hint: "Yape madarasa mengine au shule nzima, au yaondoe, kisha ufute darasa.",
    },
    pin_not_found: {
      message: "Jibu hili lililobandikwa halipo.",
      hint: "Huenda limeondolewa.",
    },
    answer_not_found: {
      message: "Jibu hili halipo tena.",
      hint: "Huenda mazungumzo yake yamefutwa.",
    },
    feedback_not_found: {
      message: "Maoni haya hayapo tena.",
      hint: "Huenda mwanafunzi ameyaondoa.",
    },
    passage_not_found: {
      message: "Kifungu hiki hakipo tena.",
      hint: "Huenda nyenzo imesomwa upya. Ifungue tena.",
    },
    classes_changed: {
      message: "Umetoka katika darasa ambalo jibu hili huenda linatumia nyenzo zake.",
      hint: "Uliza tena.",
    },
    source_not_found: {
      message: "Nyenzo hii haipo hapa.",
      hint: "Huenda imefutwa. Rudi kwenye orodha uangalie tena.",
    },
    class_code_unknown: {
      message: "Hakuna darasa lenye msimbo huu.",
      hint: "Angalia tena msimbo kwenye kadi, au mwulize mwalimu wako: huenda ametengeneza mpya.",
    },
    conversation_not_found: {
      message: "Mazungumzo haya hayapo hapa.",
      hint: "Huenda yamefutwa. Rudi kwenye orodha uangalie tena.",
    },
    archive_not_found: {
      message: "Kumbukumbu hii haipo hapa.",
      hint: "Huenda imefutwa. Rudi kwenye orodha uangalie tena.",
    },
    roster_long: {
      message: "Orodha ni ndefu mno.",
      hint: "Pakia wanafunzi wasiozidi {limit} kwa mara moja: igawanye orodha.",
    },
    roster_unreadable: {
      message: "Orodha hii haiwezi kusomwa, au ni kubwa mno.",
      hint: "Ihamishe au uinakili tena, ikiwa na wanafunzi wanaohitajika tu.",
    },
    roster_twice: {
      message: "Mwanafunzi huyu yumo mara mbili katika orodha.",
      hint: "Acha mstari huu, au ongeza herufi ya kutofautisha wanafunzi wawili wenye jina moja.",
    },
    roster_no_id: {
      message: "Mstari huu hauna sourcedId.",
      hint: "Hamisha faili tena.",
    },
    roster_other_name: {
      message: "Mtu mwenye jina lingine ana kitambulisho hiki.",
      hint: "Sema kama ni mwanafunzi: ataongezwa bila kitambulisho. Kama ni mtu yule yule, sahihisha jina kwanza.",
    },
    source_ended: { message: "Kisanduku kimeshamaliza nyenzo hii.", hint: "Ifute kama haihitajiki." },
    source_updating: {
      message: "Faili jipya linachukua nafasi ya hili.",
      hint: "Subiri liwe tayari, kisha uangalie maandishi yake.",
    },
    source_busy: {
      message: "Kisanduku bado kinasoma faili nyingine ya jina hili.",
      hint: "Subiri iwe tayari, au weka zote mbili.",
    },
    page_not_found: {
      message: "Hakuna ukurasa huo katika maandishi yaliyosomwa.",
      hint: "Huenda imesomwa tena. Fungua maandishi upya.",
    },
    page_too_long: {
      message: "Hii ni zaidi ya inavyotosha ukurasa mmoja.",
      hint: "Iandike katika hati yake, kisha uiongeze.",
    },
    not_a_picture: {
      message: "Ni kurasa za picha na skani pekee zinazoweza kugeuzwa.",
      hint: "Rekebisha maandishi ya ukurasa badala yake.",
    },
    no_title: {
      message: "Kichwa kinahitaji angalau herufi moja.",
      hint: "Andika jina lake.",
    },
    same_name: {
      message: "Kuna faili nyingine ya jina hili, yenye maudhui tofauti.",
      hint: "Sema kama jipya linachukua nafasi yake, au weka zote mbili.",
    },
    source_not_failed: { message: "Nyenzo hii haikushindwa.", hint: "Hakuna cha kujaribu tena." },
    database_busy: {
      message: "Kisanduku kinahifadhi kazi nyingine.",
      hint: "Jaribu tena baada ya sekunde chache.",
    },
    database_unwritable: {
      message: "Kisanduku hakiwezi kuandika katika folda yake ya data.",
      hint: "Mwombe anayetunza kisanduku afanye ukaguzi (bwenge doctor).",
    },
    weights_missing: {
      message: "Kisanduku hakina faili za modeli.",
      hint: "Mwombe anayetunza kisanduku azisakinishe (bwenge models pull).",
    },
    weights_damaged: {
      message: "Faili za modeli zimeharibika kwenye kisanduku.",
      hint: "Mwombe anayetunza kisanduku azirekebishe (bwenge models verify).",
    },
    engine_missing: {
      message: "Kisanduku hakina mojawapo ya injini zake.",
      hint: "Mwombe anayetunza kisanduku afanye ukaguzi (bwenge doctor).",
    },
    engine_down: {
      message: "Injini ya kisanduku imesimama.",
      hint: "Inaanza tena yenyewe. Jaribu tena baada ya dakika moja.",
    },
    engine_silent: {
      message: "Injini ya kisanduku haikujibu kwa wakati.",
      hint: "Jaribu tena baada ya dakika moja.",
    },
    engine_start: {
      message: "Injini ya kisanduku haikuweza kuanza.",
      hint: "Jaribu tena baada ya dakika moja. Ikitokea tena, fanya ukaguzi (bwenge doctor).",
    },
    engine_slow_start: {
      message: "Injini ya kisanduku inachukua muda mrefu kuanza.",
      hint: "Jaribu tena baada ya dakika moja.",
    },
    engine_busy: { message: "Kisanduku kina shughuli nyingi.", hint: "Jaribu tena baada ya muda mfupi." },
    tutor_busy: {
      message: "Maswali mengi mno yanasubiri sasa hivi.",
      hint: "Jaribu tena baada ya dakika moja.",
    },
    too_many_questions: {
      message: "Maswali mengi mno yamefunguliwa kwenye ukurasa huu.",
      hint: "Subiri jibu, kisha uulize tena.",
    },
    question_long: { message: "Swali ni refu mno.", hint: "Uliza kwa sentensi chache." },
    question_too_long: { message: "Swali ni refu mno.", hint: "Uliza kwa maneno machache." },
    answer_cut_short: {
      message: "Mkufunzi alisimama katikati ya jibu.",
      hint: "Uliza tena. Vyanzo vilivyopatikana bado ni sahihi.",
    },
    box_stopping: {
      message: "Kisanduku kinazimwa au kinaanzishwa upya.",
      hint: "Subiri dakika moja; swali limehifadhiwa na litajibiwa.",
    },
    stopping: { message: "Kisanduku kinazimwa.", hint: "Subiri hadi kirudi, kisha ujaribu tena." },
    timeout: { message: "Kisanduku kilichukua muda mrefu mno.", hint: "Jaribu tena baada ya muda mfupi." },
    claim_code_needed: {
      message: "Kuandaa kisanduku hiki kutoka kifaa kingine kunahitaji msimbo wake wa kudai.",
      hint: "Upo kwenye konsoli ya kisanduku na katika faili claim-code.txt ya folda yake ya data.",
    },
    claim_code_wrong: {
      message: "Huu si msimbo wa kudai wa kisanduku hiki.",
      hint: "Angalia konsoli ya kisanduku, au andika bwenge claim.",
    },
    too_many_attempts: {
      message: "Kumekuwa na majaribio mengi yasiyo sahihi.",
      hint: "Subiri kidogo, au mwombe mwalimu akusaidie.",
    },
    class_locked: {
      message: "Kumekuwa na majaribio mengi yasiyo sahihi katika darasa hili.",
      hint: "Mwombe mwalimu wako akuruhusu uingie, au tumia kompyuta kibao uliyowahi kutumia.",
    },
    sign_in_busy: {
      message: "Watu wengi wanaingia sasa hivi.",
      hint: "Jaribu tena baada ya sekunde chache.",
    },
  },
  notices: {
    pages_unreadable: "Kurasa {count} kati ya {of} hazikuweza kusomwa.",
    text_truncated: "Ni MB {megabytes} za kwanza tu za maandishi yake zilizosomwa.",
    partly_read: "Sehemu ya faili hii imeharibika. Iliyobaki imesomwa.",
    articles_unreadable: "Makala {count} kati ya {of} hayakuweza kusomwa: hifadhi imeharibika.",
    archive_short: "Hifadhi haikunakiliwa yote: MB {have} kati ya {want} zipo.",
    encoding_unsure:
      "Huenda baadhi ya herufi za maandishi haya si sahihi, kwa sababu faili haisemi jinsi herufi zake zilivyoandikwa. Ikiwa ni hivyo, ifungue kwenye kompyuta, ihifadhi kama UTF-8, kisha iongeze tena.",
    pictures_not_read: "Maandishi yaliyo kwenye picha hayakusomwa, kwa sababu {tool} haijasakinishwa kwenye kisanduku.",
    recording_truncated: "Ni dakika {minutes} za kwanza tu zilizosomwa.",
    captions_used: "Maneno yake yalichukuliwa kutoka “{title}”.",
    no_speech:
      "Hakuna anayezungumza katika rekodi hii. Kama kuna aliyepaswa kuzungumza, hakikisha maikrofoni ilikuwa imewashwa na karibu.",
    formulas_lost:
      "Faili haina matokeo ya fomula {count}, na kisanduku hakikuweza kuzikokotoa. Ifungue katika programu ya majedwali, ihifadhi mara moja, kisha iongeze tena.",
    cell_errors: "Seli {count} zinaonyesha kosa kama #DIV/0! badala ya thamani.",
    hidden_left_out:
      "Karatasi, mistari au safu {count} zilizofichwa zimeachwa. Kama zinahitajika, zionyeshe katika programu ya majedwali, hifadhi faili, kisha iongeze tena.",
    too_quiet:
      "Sauti ya rekodi hii ni ndogo mno kiasi kwamba hakuna neno lililosikika. Rekodi tena karibu na anayezungumza, au ongeza sauti ya maikrofoni.",
  },
};
