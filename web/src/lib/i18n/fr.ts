import type { Problems } from "./problem";
import { feedback } from "./feedback/fr";
import { library } from "./library/fr";
import { people } from "./people/fr";
import { tutors } from "./tutors/fr";
import type { Dictionary } from "./translate";

export const dictionary: Dictionary = {
  ...feedback,
  ...library,
  ...people,
  ...tutors,
  "action.close": "Fermer",
  "action.delete": "Supprimer",
  "action.keep": "Garder",
  "action.more": "Afficher la suite",

  "nav.label": "Principal",
  "nav.skip": "Aller au contenu",
  "leave.title": "Quitter sans enregistrer ?",
  "leave.text": "Ce que vous avez changé ici n'est pas enregistré.",
  "leave.go": "Quitter",
  "leave.stay": "Rester ici",
  "nav.ask": "Demander",
  "nav.material": "Documents",

  "settings.open": "Langue et apparence",
  "settings.title": "Langue et apparence",
  "settings.language": "Langue",
  "settings.theme": "Apparence",
  "settings.theme.auto": "Comme la tablette",
  "settings.theme.light": "Clair",
  "settings.theme.dark": "Sombre",

  "state.loading": "Un instant…",
  "connection.lost": "La boîte ne répond pas.",
  "connection.hint": "Vérifiez que la tablette est sur le Wi-Fi de l'école. Nous réessayons sans cesse.",
  "broken.title": "Cette page ne s'est pas ouverte",
  "broken.text": "Un problème est survenu pendant le chargement.",
  "broken.action": "Recharger",
  "missing.title": "Cette page n'existe pas",
  "missing.text": "L'adresse est peut-être mal écrite.",
  "missing.action": "Aller à l'accueil",

  "time.soon": "presque fini",
  "time.left": "encore {time}",
  "time.seconds": { one: "environ {count} seconde", other: "environ {count} secondes" },
  "time.minutes": { one: "environ {count} minute", other: "environ {count} minutes" },
  "time.hours": { one: "environ {count} heure", other: "environ {count} heures" },

  "place.page": "page {number}",
  "place.chapter": "partie {number}",
  "place.slide": "diapo {number}",
  "place.sheet": "feuille {name}",

  "kind.pdf": "PDF",
  "kind.document": "Document",
  "kind.slides": "Diaporama",
  "kind.sheet": "Tableau",
  "kind.book": "Livre",
  "kind.page": "Page web",
  "kind.text": "Texte",
  "kind.image": "Image",
  "kind.audio": "Enregistrement",
  "kind.video": "Vidéo",
  "place.article": "article {name}",
  "kind.archive": "Encyclopédie",
  "facts.articles": { one: "{count} article", other: "{count} articles" },
  "status.choosing": "À choisir",
  "archive.choose": "Choisir ce qui est repris",
  "archive.choose_of": "Choisir ce qui est repris de {title}",
  "archive.title": "Que faut-il reprendre ?",
  "archive.holds": "{articles} articles, {pictures} images, {size}. Seul le texte des articles est repris.",
  "archive.by": "Par {name}",
  "archive.licence": "Licence : {name}",
  "archive.what": "Reprendre",
  "archive.whole": "Tous les articles",
  "archive.category": "Une catégorie",
  "archive.prefix": "Les titres qui commencent par …",
  "archive.first": "Les premiers …",
  "archive.category_name": "Catégorie",
  "archive.prefix_text": "Début du titre",
  "archive.first_number": "Nombre d'articles",
  "archive.cost":
    "{articles} articles : environ {size} sur le disque. On peut chercher leurs mots après {text}, leur sens après {meaning} tant que personne ne pose de question.",
  "archive.no_room": "Il ne reste que {size} sur la boîte. Choisissez une partie plus petite.",
  "archive.nothing": "Aucun article ne correspond.",
  "archive.count": "Voir ce que cela coûte",
  "archive.take": "Reprendre",
  "archive.vectors": "{done} passages sur {total} se trouvent par leur sens ; tous par leurs mots",
  "facts.pages": { one: "{count} page", other: "{count} pages" },
  "facts.slides": { one: "{count} diapo", other: "{count} diapos" },
  "facts.sheets": { one: "{count} feuille", other: "{count} feuilles" },

  "status.queued": "En attente",
  "status.processing": "En lecture",
  "status.ready": "Prêt",
  "status.failed": "Non lu",
  "status.cancelled": "Arrêté",
  "step.queued": "Attend son tour",
  "step.reading": "Lecture du texte",
  "step.transcribing": "Transcription des paroles",
  "step.indexing": "Préparation de la recherche",

  "material.title": "Documents",
  "material.intro": "Les livres, notes et enregistrements dont le tuteur tire ses réponses.",
  "material.list": "Documents de cette boîte",
  "material.search": "Chercher un titre",
  "material.filter": "Afficher",
  "material.all": "Tout",
  "material.count": { one: "{count} document", other: "{count} documents" },
  "material.none": "Rien ici pour l'instant",
  "material.none_text":
    "Ajoutez une leçon : un PDF, un fichier Word, un diaporama, un enregistrement ou une vidéo. Les élèves peuvent poser des questions dès qu'elle est prête.",
  "material.none_found": "Aucun résultat",
  "material.none_found_text": "Essayez moins de mots ou d'autres mots, ou affichez tout.",
  "material.progress": "Avancement de {title}",
  "material.retry": "Réessayer",
  "material.cancel": "Arrêter la lecture de {title}",
  "material.delete": "Supprimer {title}",
  "material.delete_title": "Supprimer ce document ?",
  "material.delete_text":
    "Le fichier et tout ce qui en a été lu sont retirés de la boîte. Le tuteur n'en tirera plus de réponses. C'est définitif.",
  "material.deleted": "{title} a été supprimé.",

  "upload.title": "Ajouter des documents",
  "upload.choose": "Choisir des fichiers",
  "upload.drop": "Ou déposez ici des fichiers ou des dossiers.",
  "upload.kinds": "PDF, Word, PowerPoint, Excel, EPUB, images, enregistrements et vidéos.",
  "upload.begun": { one: "Envoi de {count} fichier.", other: "Envoi de {count} fichiers." },
  "upload.waiting": "En attente d'envoi",
  "upload.sending": "Envoi : {percent} % de {size}",
  "upload.storing": "La boîte l'enregistre",
  "upload.added": "Ajouté. La boîte le lit maintenant.",
  "upload.existed": "Déjà présent : la boîte a exactement ce fichier. Rien n'a été ajouté.",
  "upload.progress": "Envoi de {name}",
  "upload.retry": "Renvoyer {name}",
  "upload.cancel": "Arrêter l'envoi de {name}",
  "upload.dismiss": "Retirer {name} de cette liste",
  "upload.clear": "Ranger cette liste",

  "conversations.title": "Conversations",
  "conversations.new": "Nouvelle conversation",
  "conversations.search": "Chercher une conversation",
  "conversations.none": "Vos questions sont gardées ici.",
  "conversations.none_found": "Aucune conversation ne contient ces mots.",
  "conversations.gone": "Cette conversation a été supprimée.",
  "conversations.delete": "Supprimer la conversation « {title} »",
  "conversations.delete_title": "Supprimer cette conversation ?",
  "conversations.delete_text": "Ses questions et ses réponses sont retirées de la boîte. C'est définitif.",
  "conversations.deleted": "La conversation a été supprimée.",

  "ask.conversation": "Conversation",
  "ask.label": "Votre question",
  "ask.placeholder": "Posez une question sur vos leçons",
  "ask.note": "Écrit par un ordinateur. Vérifiez dans les sources.",
  "ask.send": "Demander",
  "ask.stop": "Arrêter la réponse",
  "ask.you_asked": "Vous avez demandé :",
  "ask.sending": "Envoi de votre question",
  "ask.searching": "Recherche dans vos documents",
  "ask.reading": "Lecture de ce qui a été trouvé",
  "ask.queue": { one: "{count} question passe avant.", other: "{count} questions passent avant." },
  "ask.queue_time": "Votre tour vient dans {time}.",
  "ask.queue_soon": "C'est bientôt votre tour.",
  "ask.again": "Redemander",
  "ask.stopped": "La réponse a été arrêtée.",
  "ask.unanswered": "Cette question n'a pas encore de réponse.",
  "ask.to_newest": "Vers le plus récent",

  "answer.ready": "La réponse :",
  "answer.passages_title": "Tiré de vos documents",
  "answer.passages_text": "Le tuteur n'a pas rédigé de réponse. Ces passages correspondent le mieux à votre question.",
  "answer.not_found_title": "Pas dans vos documents",

  "guide.try": "Ce que j'ai essayé",
  "guide.send": "Envoyer mon essai",
  "guide.tried": "J'ai essayé : {attempt}",

  "sources.title": "Trouvé dans vos documents",
  "sources.found": { one: "{count} passage trouvé.", other: "{count} passages trouvés." },
  "sources.words": "Mots",
  "sources.number": "Source",
  "sources.open": "Source {number} : {where}",

  "welcome.title": "Que voulez-vous savoir ?",
  "welcome.text":
    "Le tuteur répond à partir des documents de vos enseignants, et montre la page ou la minute d'où vient la réponse.",
  "welcome.material": { one: "{count} document à interroger", other: "{count} documents à interroger" },
  "welcome.all": "Voir tous les documents",
  "welcome.empty_title": "Il n'y a pas encore de documents",
  "welcome.empty_text":
    "Dès qu'un enseignant aura ajouté un livre, des notes ou un enregistrement, vous pourrez poser vos questions ici.",
  "welcome.add": "Ajouter des documents",

  "viewer.back": "Retour",
  "viewer.download": "Enregistrer le fichier sur la tablette",
  "viewer.to_list": "Voir tous les documents",
  "viewer.cited": "Le passage",
  "viewer.to_passage": "Revenir à la {where}",
  "viewer.not_ready": "Pas encore prêt",
  "viewer.not_ready_text": "La boîte n'a pas fini de lire ce document. Voyez son avancement sous Documents.",
  "reader.earlier": "Afficher ce qui précède",
  "reader.later": "Afficher la suite",
  "pdf.toolbar": "Pages et taille",
  "pdf.page": "Page",
  "pdf.page_of": "{title}, page {page} sur {pages}",
  "pdf.previous": "Page précédente",
  "pdf.next": "Page suivante",
  "pdf.zoom_in": "Agrandir",
  "pdf.zoom_out": "Réduire",
  "pdf.failed": "Ce PDF ne peut pas être affiché ici.",
  "pdf.failed_hint": "Enregistrez le fichier et ouvrez-le avec une autre application.",
  "pdf.page_failed": "Cette page ne peut pas être dessinée.",
  "media.play": "Écouter à partir de",
  "media.play_from": "Écouter à partir de {time}",
  "media.transcript": "Ce qui est dit",
  "media.failed": "Cette tablette ne peut pas lire cet enregistrement.",
  "media.failed_hint":
    "Lisez ci-dessous ce qui est dit, ou enregistrez le fichier et ouvrez-le avec une autre application.",
};

export const problems: Problems = {
  problems: {
    unreachable: {
      message: "La boîte ne répond pas.",
      hint: "Vérifiez que la tablette est sur le Wi-Fi de l'école et que la boîte est allumée.",
    },
    internal: {
      message: "Un problème est survenu dans la boîte.",
      hint: "Réessayez. Si cela se répète, lancez le contrôle de la boîte (bwenge doctor).",
    },
    file_empty: { message: "Ce fichier est vide.", hint: "Copiez-le à nouveau depuis sa source." },
    unsupported_type: {
      message: "La boîte ne sait pas lire ce type de fichier.",
      hint: "Enregistrez-le en PDF, DOCX, PPTX, EPUB ou texte simple, ou en enregistrement MP3 ou MP4.",
    },
    old_format: {
      message: "C'est un fichier {format}, que la boîte ne peut pas lire.",
      hint: "Ouvrez-le sur un ordinateur, choisissez « Enregistrer sous », prenez {save_as}, et ajoutez le nouveau fichier.",
    },
    password: {
      message: "Ce fichier est protégé par un mot de passe.",
      hint: "Ouvrez-le avec son mot de passe, enregistrez une copie sans mot de passe, et ajoutez la copie.",
    },
    copy_protected: {
      message: "Ce livre est protégé contre la copie (DRM) : son texte est verrouillé.",
      hint: "Demandez à l'éditeur une copie sans protection.",
    },
    damaged: {
      message: "Ce fichier est abîmé ou n'a pas été copié en entier.",
      hint: "Copiez-le à nouveau depuis sa source, ou ouvrez-le sur un ordinateur et enregistrez-le de nouveau.",
    },
    no_text: {
      message: "Aucun texte n'a été trouvé dans ce fichier.",
      hint: "S'il contient des pages scannées ou des photos, refaites-les avec plus de lumière et à 300 dpi.",
    },
    not_text: {
      message: "Ce fichier contient des données plutôt que du texte.",
      hint: "Ouvrez-le dans son programme et enregistrez-le en PDF.",
    },
    too_complex: {
      message: "Une fois décompressé, ce fichier contient bien plus qu'un document ne devrait ; il n'a pas été lu.",
      hint: "Si vous lui faites confiance, ouvrez-le sur un ordinateur et enregistrez-le en PDF.",
    },
    image_too_large: {
      message: "Cette image est trop grande pour être lue ({width} × {height} points).",
      hint: "Réduisez-la à 8000 points au plus en largeur et en hauteur, et ajoutez-la à nouveau.",
    },
    too_much_memory: {
      message: "Ce fichier n'a pas pu être lu : il demande trop de mémoire.",
      hint: "Coupez-le en fichiers plus petits, ou ouvrez-le sur un ordinateur et enregistrez-le en PDF.",
    },
    too_slow: {
      message: "Ce fichier n'a pas pu être lu : cela prend trop de temps.",
      hint: "Coupez-le en fichiers plus petits, ou ouvrez-le sur un ordinateur et enregistrez-le en PDF.",
    },
    reader_failed: {
      message: "Ce fichier n'a pas pu être lu : quelque chose y arrête la lecture.",
      hint: "Ouvrez-le sur un ordinateur, enregistrez-le de nouveau en PDF, et ajoutez celui-là.",
    },
    no_sound: { message: "Cet enregistrement n'a pas de son.", hint: "Vérifiez que le micro était allumé." },
    too_short: {
      message: "Cet enregistrement est trop court pour contenir un mot.",
      hint: "Vérifiez qu'il a été copié en entier et qu'on peut l'écouter sur un ordinateur.",
    },
    tool_failed: {
      message: "Le programme {tool}, qui lit le texte des images, n'a pas pu démarrer.",
      hint: "La boîte réessaie d'elle-même.",
    },
    tool_missing: {
      message: "Il manque à la boîte le programme {tool} pour lire ce fichier.",
      hint: "Demandez à la personne qui s'occupe de la boîte d'installer {tool}.",
    },
    quarantined: {
      message: "Ce fichier a été mis de côté : la boîte s'est arrêtée plusieurs fois en le lisant.",
      hint: "Enregistrez-le de nouveau en PDF, ou en MP3 si c'est un enregistrement, et ajoutez celui-là.",
    },
    disk_full: {
      message: "Il n'y a plus assez de place sur la boîte.",
      hint: "Supprimez des documents qui ne servent plus, puis réessayez.",
    },
    file_too_large: {
      message: "Le fichier est plus grand que ce que la boîte accepte.",
      hint: "Coupez-le, ou enregistrez-le dans un format plus léger, et réessayez.",
    },
    upload_stalled: {
      message: "L'envoi s'est arrêté trop longtemps.",
      hint: "Rapprochez-vous du point d'accès et envoyez le fichier à nouveau.",
    },
    upload_broken: {
      message: "L'envoi s'est interrompu avant la fin du fichier.",
      hint: "Envoyez le fichier à nouveau.",
    },
    upload_interrupted: { message: "Le fichier n'est pas arrivé en entier.", hint: "Envoyez-le à nouveau." },
    archive_cut: {
      message: "Cette archive n'a pas été copiée entièrement, et sa liste d'articles manque.",
      hint: "Copiez-la de nouveau depuis sa source.",
    },
    archive_chosen: {
      message: "Ce qui est repris de cette archive a déjà été choisi.",
      hint: "Pour choisir autrement, arrêtez le travail et réessayez.",
    },
    archive_replaced: {
      message: "Une archive ne peut ni être relue ni en remplacer une autre.",
      hint: "Supprimez-la, puis ajoutez le fichier comme nouveau.",
    },
    nothing_selected: {
      message: "Aucun article de l'archive ne correspond.",
      hint: "Choisissez une autre catégorie, ou d'autres premières lettres.",
    },
    file_missing: {
      message: "Le fichier de ce document manque sur la boîte.",
      hint: "Supprimez le document et ajoutez le fichier à nouveau.",
    },
    upload_classes: {
      message: "L'envoi ne nomme aucune classe que la boîte puisse lire.",
      hint: "Nommez les classes par leur identifiant, ou n'en nommez pas pour toute l'école.",
    },
    upload_field: {
      message: "Le formulaire contient un champ que la boîte ne prend pas en compte.",
      hint: "Envoyez seulement le fichier et, avant lui, le champ classes.",
    },
    provider_forbidden: {
      message: "C'est une adresse de la boîte elle-même ou de ses propres liaisons.",
      hint: "Saisissez celle d'une autre machine. La personne qui s'occupe de la boîte peut autoriser celle-ci avec BWENGE_PROVIDER_HOSTS.",
    },
    class_exists: {
      message: "Il y a déjà une classe de ce nom.",
      hint: "Choisissez un autre nom, ou ouvrez la classe qui existe. Si vous ne la voyez pas, demandez au bureau de l'école de vous y ajouter.",
    },
    not_your_class: {
      message: "Vous n'enseignez pas dans cette classe.",
      hint: "Demandez à l'un de ses enseignants ou au bureau de l'école.",
    },
    pupil_shared: {
      message: "Cet élève est aussi dans une classe que vous n'enseignez pas.",
      hint: "Retirez l'élève de votre classe, ou adressez-vous au bureau de l'école.",
    },
    not_your_pupil: {
      message: "Cet élève n'est dans aucune de vos classes.",
      hint: "Demandez au bureau de l'école. Ou ajoutez l'un de ses enseignants à votre classe : il peut amener l'élève.",
    },
    roster_role: {
      message: "La liste dit que ce n'est pas un élève.",
    },
    roster_sum: {
      message: "Cette ligne est une somme ou une note.",
    },
    roster_heading: {
      message: "Cette ligne répète les noms des colonnes.",
    },
    roster_gone: {
      message: "La liste dit que cet élève est parti.",
    },
    roster_role_unknown: {
      message: "La liste ne dit pas clairement si c'est un élève.",
      hint: "Dites si c'est un élève.",
    },
    roster_adult: {
      message: "C'est peut-être un membre du personnel.",
      hint: "Dites si c'est un élève.",
    },
    roster_alone: {
      message: "Cette ligne contient moins que les autres : c'est peut-être un titre.",
      hint: "Dites si c'est un élève.",
    },
    roster_name: {
      message: "Cela ne ressemble pas à un nom.",
      hint: "Dites si c'est un élève.",
    },
    roster_not_names: {
      message: "Cela ne ressemble pas à une liste de noms.",
      hint: "Choisissez une liste avec un élève par ligne. Les textes vont dans le matériel.",
    },
    roster_not_pupils: {
      message: "Cela ressemble à une liste de choses et de prix, pas d'élèves.",
      hint: "Choisissez la liste d'une classe. Les autres tableaux vont dans le matériel.",
    },
    roster_unsure: {
      message: "La box n'est pas sûre de ce que sont les colonnes de cette liste.",
      hint: "Dites ce qu'est chaque colonne, puis vérifiez la liste de nouveau.",
    },
    roster_not_a_pupil: {
      message: "Quelqu'un du personnel a cet identifiant.",
      hint: "Laissez la ligne de côté, ou corrigez l'identifiant.",
    },
    roster_other_class: {
      message: "Cet élève est déjà sur la box, dans la classe d'un autre enseignant.",
      hint: "Demandez au bureau de l'école, ou à l'un de ses enseignants, de l'ajouter à votre classe.",
    },
    import_other_class: {
      message: "Certains de ces élèves sont maintenant dans des classes où vous n'enseignez pas.",
      hint: "Demandez au bureau de l'école d'annuler la liste.",
    },
    not_your_material: {
      message: "Ce document appartient à d'autres.",
      hint: "Demandez à la personne qui l'a ajouté, à un enseignant de ses classes ou au bureau de l'école.",
    },
    not_your_persona: {
      message: "Ce tuteur appartient à d'autres.",
      hint: "Faites-en une copie et modifiez-la. Ou demandez à son auteur, à un enseignant de ses classes ou au bureau de l'école.",
    },
    not_your_pin: {
      message: "Cette réponse a été épinglée par d'autres.",
      hint: "Demandez à la personne qui l'a épinglée, à un enseignant de ses classes ou au bureau de l'école.",
    },
    pin_for_all: {
      message: "Seul le bureau de l'école épingle des réponses pour toute l'école.",
      hint: "Choisissez des classes où vous enseignez.",
    },
    pin_empty: {
      message: "Il n'y a pas de réponse.",
      hint: "Écrivez la réponse que les élèves doivent recevoir.",
    },
    pin_long: {
      message: "La réponse est trop longue.",
      hint: "Utilisez 2 000 caractères au plus.",
    },
    pin_unclear: {
      message: "Cette question ne se comprend pas seule.",
      hint: "Écrivez-la en entier, pour qu'elle dise de qui ou de quoi il s'agit.",
    },
    pin_unsafe: {
      message: "La boîte a une réponse fixe à cette question, qui passe avant.",
      hint: "Parlez avec l'élève.",
    },
    class_has_pins: {
      message: "Des réponses épinglées sont pour cette classe seule.",
      hint: "Donnez-les à d'autres classes ou à toute l'école, ou retirez-les, puis supprimez la classe.",
    },
    pin_not_found: {
      message: "Cette réponse épinglée n'existe pas.",
      hint: "Elle a peut-être été retirée entre-temps.",
    },
    answer_not_found: {
      message: "Cette réponse n'existe plus.",
      hint: "Sa conversation a peut-être été supprimée.",
    },
    feedback_not_found: {
      message: "Cet avis n'existe plus.",
      hint: "L'élève l'a peut-être retiré.",
    },
    passage_not_found: {
      message: "Ce passage n'existe plus.",
      hint: "Le document a peut-être été relu. Ouvrez-le à nouveau.",
    },
    classes_changed: {
      message: "Vous avez quitté une classe dont cette réponse utilise peut-être les documents.",
      hint: "Posez la question à nouveau.",
    },
    source_not_found: {
      message: "Ce document n'est pas ici.",
      hint: "Il a peut-être été supprimé. Revenez à la liste.",
    },
    class_code_unknown: {
      message: "Aucune classe n'a ce code.",
      hint: "Regarde encore le code sur la carte, ou demande-le à ton enseignant : il en a peut-être fait un nouveau.",
    },
    conversation_not_found: {
      message: "Cette conversation n'est pas ici.",
      hint: "Elle a peut-être été supprimée. Revenez à la liste.",
    },
    archive_not_found: {
      message: "Cette archive n'est pas ici.",
      hint: "Elle a peut-être été supprimée. Revenez à la liste.",
    },
    roster_long: {
      message: "La liste est trop longue.",
      hint: "Chargez {limit} élèves au plus à la fois : coupez la liste.",
    },
    roster_unreadable: {
      message: "Cette liste ne peut pas être lue, ou elle est trop grande.",
      hint: "Exportez ou copiez-la à nouveau, avec les seuls élèves qu'il faut.",
    },
    roster_twice: {
      message: "Cet élève est deux fois dans la liste.",
      hint: "Laissez la ligne de côté, ou ajoutez une lettre pour distinguer deux élèves du même nom.",
    },
    roster_no_id: {
      message: "Cette ligne n'a pas de sourcedId.",
      hint: "Exportez le fichier à nouveau.",
    },
    roster_other_name: {
      message: "Quelqu'un d'un autre nom a cet identifiant.",
      hint: "Dites si c'est un élève : il est alors ajouté sans l'identifiant. Si c'est la même personne, corrigez d'abord le nom.",
    },
    source_ended: {
      message: "La boîte a déjà terminé ce document.",
      hint: "Supprimez-le s'il ne sert pas.",
    },
    source_updating: {
      message: "Un fichier plus récent prend la place de celui-ci.",
      hint: "Attendez qu'il soit prêt, puis regardez son texte.",
    },
    source_busy: {
      message: "La boîte lit encore l'autre fichier de ce nom.",
      hint: "Attendez qu'il soit prêt, ou gardez les deux.",
    },
    page_not_found: {
      message: "Cette page n'existe pas dans le texte lu.",
      hint: "Le document a peut-être été relu. Ouvrez le texte à nouveau.",
    },
    page_too_long: {
      message: "C'est plus qu'une page ne peut contenir.",
      hint: "Écrivez-le dans un document à part, et ajoutez celui-ci.",
    },
    not_a_picture: {
      message: "Seules les pages d'images et de numérisations peuvent être tournées.",
      hint: "Corrigez plutôt le texte de la page.",
    },
    no_title: {
      message: "Un titre a besoin d'au moins une lettre.",
      hint: "Écrivez comment il s'appelle.",
    },
    same_name: {
      message: "Il y a un autre fichier de ce nom, avec un autre contenu.",
      hint: "Dites si le nouveau prend sa place, ou gardez les deux.",
    },
    source_not_failed: { message: "Ce document n'a pas échoué.", hint: "Il n'y a rien à réessayer." },
    database_busy: {
      message: "La boîte est occupée à enregistrer autre chose.",
      hint: "Réessayez dans quelques secondes.",
    },
    database_unwritable: {
      message: "La boîte ne peut pas écrire dans son dossier de données.",
      hint: "Demandez à la personne qui s'occupe de la boîte de lancer le contrôle (bwenge doctor).",
    },
    weights_missing: {
      message: "Il manque à la boîte les fichiers d'un modèle.",
      hint: "Demandez à la personne qui s'occupe de la boîte de les installer (bwenge models pull).",
    },
    weights_damaged: {
      message: "Les fichiers d'un modèle sont abîmés sur la boîte.",
      hint: "Demandez à la personne qui s'occupe de la boîte de les réparer (bwenge models verify).",
    },
    engine_missing: {
      message: "Il manque à la boîte un de ses moteurs.",
      hint: "Demandez à la personne qui s'occupe de la boîte de lancer le contrôle (bwenge doctor).",
    },
    engine_down: {
      message: "Un moteur de la boîte s'est arrêté.",
      hint: "Il redémarre tout seul. Réessayez dans une minute.",
    },
    engine_silent: {
      message: "Un moteur de la boîte n'a pas répondu à temps.",
      hint: "Réessayez dans une minute.",
    },
    engine_start: {
      message: "Un moteur de la boîte n'a pas pu démarrer.",
      hint: "Réessayez dans une minute. Si cela se répète, lancez le contrôle (bwenge doctor).",
    },
    engine_slow_start: {
      message: "Un moteur de la boîte met trop de temps à démarrer.",
      hint: "Réessayez dans une minute.",
    },
    engine_busy: { message: "La boîte est occupée.", hint: "Réessayez dans un instant." },
    tutor_busy: {
      message: "Trop de questions attendent en ce moment.",
      hint: "Réessayez dans une minute.",
    },
    too_many_questions: {
      message: "Trop de questions sont ouvertes sur cette page.",
      hint: "Attendez une réponse, puis demandez à nouveau.",
    },
    question_long: { message: "La question est trop longue.", hint: "Posez-la en quelques phrases." },
    question_too_long: { message: "La question est trop longue.", hint: "Posez-la en moins de mots." },
    answer_cut_short: {
      message: "Le tuteur s'est arrêté au milieu de la réponse.",
      hint: "Redemandez. Les sources trouvées restent justes.",
    },
    box_stopping: {
      message: "La boîte est en train de s'éteindre ou de redémarrer.",
      hint: "Attendez une minute ; la question est gardée et recevra sa réponse.",
    },
    stopping: { message: "La boîte est en train de s'éteindre.", hint: "Attendez qu'elle revienne, puis réessayez." },
    timeout: { message: "La boîte a mis trop de temps.", hint: "Réessayez dans un instant." },
    claim_code_needed: {
      message: "Préparer cette boîte depuis un autre appareil demande son code de prise en main.",
      hint: "Il est sur la console de la boîte et dans le fichier claim-code.txt de son dossier de données.",
    },
    claim_code_wrong: {
      message: "Ce n'est pas le code de prise en main de cette boîte.",
      hint: "Regardez la console de la boîte, ou tapez bwenge claim.",
    },
    too_many_attempts: {
      message: "Il y a eu trop d'essais faux.",
      hint: "Attendez un peu, ou demandez l'aide d'un enseignant.",
    },
    class_locked: {
      message: "Il y a eu trop d'essais faux dans cette classe.",
      hint: "Demande à ton enseignant de te laisser entrer, ou prends une tablette que tu as déjà utilisée.",
    },
    sign_in_busy: {
      message: "Beaucoup de monde se connecte en ce moment.",
      hint: "Réessayez dans quelques secondes.",
    },
  },
  notices: {
    pages_unreadable: "{count} pages sur {of} n'ont pas pu être lues.",
    text_truncated: "Seuls les {megabytes} premiers Mo de son texte ont été lus.",
    partly_read: "Une partie de ce fichier est abîmée. Le reste a été lu.",
    articles_unreadable: "{count} articles sur {of} n'ont pas pu être lus : l'archive est abîmée.",
    archive_short: "L'archive n'a pas été copiée entièrement : {have} Mo sur {want} sont là.",
    encoding_unsure:
      "Certaines lettres de ce texte peuvent être fausses, car le fichier ne dit pas comment elles sont codées. Si c'est le cas, ouvrez-le sur un ordinateur, enregistrez-le en UTF-8 et ajoutez-le de nouveau.",
    pictures_not_read: "Le texte des images n'a pas été lu, car {tool} n'est pas installé sur la boîte.",
    recording_truncated: "Seules les {minutes} premières minutes ont été lues.",
    captions_used: "Ses paroles viennent de « {title} ».",
    no_speech:
      "Personne ne parle dans cet enregistrement. Si quelqu'un devait parler, vérifiez que le micro était allumé et proche.",
    formulas_lost:
      "Le fichier ne contient pas les résultats de {count} formules, et la box n'a pas pu les calculer. Ouvrez-le dans un tableur, enregistrez-le une fois, et ajoutez-le de nouveau.",
    cell_errors: "{count} cellules montrent une erreur telle que #DIV/0! au lieu d'une valeur.",
    hidden_left_out:
      "{count} feuilles, lignes ou colonnes cachées ont été laissées de côté. S'il les faut, affichez-les dans un tableur, enregistrez le fichier, et ajoutez-le de nouveau.",
    too_quiet:
      "Cet enregistrement est trop faible pour qu'un mot soit compris. Enregistrez de nouveau plus près de la personne qui parle, ou montez le micro.",
  },
};
